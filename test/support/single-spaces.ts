import { once } from 'node:events'
import { resolve } from 'node:path'
import singleSpace from '../../lib/compat.js'
import { packages } from '../spaces/fixtures.js'

/** The small packages of the tests, and those that spacepool is developed with. */
const paths: readonly string[] = [packages, resolve(__dirname, '../../node_modules')]

/** What a callback of the older API was called with. */
export interface Answer<Request> {
  readonly request: Request
  readonly status: boolean
  readonly response: unknown
}

const open = new Set<singleSpace.SingleSpace>()

/** The one space of the older API, which finds the packages of the tests. */
export function newSingleSpace(config: singleSpace.SingleSpaceConfig = {}): singleSpace.SingleSpace {
  const space = singleSpace({ paths, ...config })
  open.add(space)
  return space
}

/** For the hook after tests that made some: the processes have exited when it settles. */
export async function destroySingleSpaces(): Promise<void> {
  const children = [...open].map((space) => space.destroy())
  open.clear()
  await Promise.all(
    children.map(async (child) => {
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    })
  )
}

/** Adds a package and answers what its callback is told. */
export function add(
  space: singleSpace.SingleSpace,
  name: string,
  parameters: readonly unknown[] = []
): Promise<Answer<singleSpace.AddRequest>> {
  return new Promise((settle) => {
    space.add(name, parameters, (request, status, response) => settle({ request, status, response }))
  })
}

/** Calls a function and answers what its callback is told first. */
export function call(
  space: singleSpace.SingleSpace,
  name: string,
  path: string,
  parameters: readonly unknown[] = [],
  promise = false
): Promise<Answer<singleSpace.CallRequest>> {
  return new Promise((settle) => {
    space.call(name, path, parameters, promise, (request, status, response) => {
      settle({ request, status, response })
    })
  })
}

/** Calls a function and answers what its callback is told, when it was told so many times. */
export function callFor(
  count: number,
  space: singleSpace.SingleSpace,
  name: string,
  path: string,
  parameters: readonly unknown[]
): Promise<Answer<singleSpace.CallRequest>[]> {
  const answers: Answer<singleSpace.CallRequest>[] = []
  return new Promise((settle) => {
    space.call(name, path, parameters, false, (request, status, response) => {
      answers.push({ request, status, response })
      if (answers.length === count) settle(answers)
    })
  })
}
