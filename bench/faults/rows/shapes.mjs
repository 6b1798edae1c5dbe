/** A call of one function, and what it gets. A module that does not load shows when it is added, each time. */
export function oneCall(row) {
  const { module, gets } = row
  if (module === undefined) return { run: callOnce, ...row }
  return { run: addOnce, next: (scene) => scene.track(scene.add(module)), nextGets: gets, ...row }
}

/**
 * The same from inside a call, and from a timer later while another call is in flight; with `once` the short form has
 * only the former, and the peers are put through that one alone.
 */
export function bothWays({ once = false, ...row }) {
  return [
    oneCall({ ...row, name: `${row.name}, in a call` }),
    {
      ...row,
      name: `${row.name}, from a timer`,
      long: once,
      peers: once ? false : row.peers,
      run: callLater,
      beside: besideFor(row.gets),
      gets: row.gets.answers === undefined ? row.gets : { answers: 'beside' }
    }
  ]
}

async function callOnce(scene, { call: [name, ...parameters], timeout, options, pool }) {
  await scene.open({ options, pool })
  return scene.call(name, parameters, { timeout })
}

/** Other packages of the pool are there as if nothing had been. */
async function addOnce(scene, { module, options, pool }) {
  await scene.open({ options, pool, module: null })
  const outcome = await scene.track(scene.add(module))
  scene.set = await scene.add('faulty', options)
  const { value } = await scene.next()
  scene.check(value === 'next', 'another package was not served')
  return outcome
}

/** ms after which the call beside it answers where it can. */
const BESIDE = 100

async function callLater(scene, { call, options, pool, beside: [name, ...parameters] }) {
  await scene.open({ options, pool })
  const beside = scene.call(name, parameters)
  const told = await scene.call('later', [5, ...call])
  scene.check(told.kind === 'answer', 'the call that set the timer got no answer')
  return beside
}

/** One that answers where the space lives on, and else only its end ends. */
function besideFor(gets) {
  const survives = gets === 'anything' || gets.answers !== undefined
  return survives ? ['wait', BESIDE, 'beside'] : ['never']
}
