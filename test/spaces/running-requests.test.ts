import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { RunningRequests } from '../../spaces/running-requests.js'

describe('The requests that run in a space', () => {
  it('are answered with what their promises settle with', async () => {
    const { running, said } = begin()
    running.track(1, Promise.resolve('a value'), false)
    running.track(2, Promise.reject(new Error('none')), true)
    await turn()
    expect(said).to.have.members(['1 answers a value', '2 fails with Error: none, in order'])
  })

  it('are refused when nobody waits for them any more, and their results are dropped', async () => {
    const { running, said } = begin()
    running.track(1, turn('too late'), false)
    running.track(2, turn().then(Promise.reject.bind(Promise)), false)
    running.cancel(1)
    running.cancel(2)
    running.cancel(2)
    await turn()
    await turn()
    expect(said).to.deep.equal(['1 is refused: CANCELED', '2 is refused: CANCELED'])
  })

  it('are not said to be over before the microtasks are, in which they may block the space', async () => {
    const { running, said } = begin()
    let microtasks = 0
    const spin = async (): Promise<void> => {
      while (microtasks++ < 1000) await Promise.resolve()
    }
    running.track(1, spin(), false)
    running.cancel(1)
    await Promise.resolve()
    expect(said).to.deep.equal([])
    await turn()
    expect(microtasks).to.equal(1001)
    expect(said).to.deep.equal(['1 is refused: CANCELED'])
  })

  it('are refused when they were broken off, and not when they were answered before', async () => {
    const { running, said } = begin()
    running.current = 3
    running.cancel(2)
    running.cancel(3)
    running.cancel(3)
    await turn()
    expect(said).to.deep.equal(['3 is refused: CANCELED'])
  })
})

function begin(): { running: RunningRequests; said: string[] } {
  const said: string[] = []
  const inOrder = (ordered: boolean | undefined): string => (ordered === true ? ', in order' : '')
  const running = new RunningRequests({
    answer: (id, value, ordered) => said.push(`${id} answers ${String(value)}${inOrder(ordered)}`),
    fail: (id, error, ordered) => said.push(`${id} fails with ${String(error)}${inOrder(ordered)}`),
    refuse: (id, { code }) => said.push(`${id} is refused: ${code}`)
  })
  return { running, said }
}
