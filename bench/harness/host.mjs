import { questionNamed } from '../questions/index.mjs'

// The program of one contestant's host: a process of its own, so that no contestant pays for the garbage, the
// listeners or the compiled shapes of another. It does one thing at a time, when asked.

let prepared

const actions = {
  prepare: async ({ question, ...details }) => {
    prepared = await questionNamed(question).prepare(details)
  },
  round: () => prepared.round(),
  close: () => prepared.close()
}

process.on('message', async ({ action, details }) => {
  try {
    process.send({ values: await actions[action](details) })
  } catch (error) {
    process.send({ failure: error instanceof Error ? error.message : String(error) })
  }
})
process.on('disconnect', () => process.exit())
