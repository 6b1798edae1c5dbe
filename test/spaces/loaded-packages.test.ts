import { expect } from 'chai'
import { LoadedPackages } from '../../spaces/loaded-packages.js'
import { packages, refusalOf } from './fixtures.js'

const load = { name: 'class-with-state', as: 'state', paths: [packages] }

describe('The packages of a space', () => {
  it('are found by the name that calls use', async () => {
    const loaded = new LoadedPackages()
    await loaded.add({ type: 'add', id: 1, load, parameters: undefined })
    expect(loaded.root('state')).to.be.a('function')
    expect(await refusalOf(() => loaded.root('class-with-state'))).to.include({ code: 'PACKAGE_NOT_ADDED' })
  })

  it('are instances where there are parameters', async () => {
    const loaded = new LoadedPackages()
    await loaded.add({ type: 'add', id: 1, load, parameters: [5] })
    const { target, receiver } = loaded.find('state', ['increment'])
    expect(Reflect.apply(target, receiver, [])).to.equal(6)
  })

  it('are looked up as exported and as an instance where they are both', async () => {
    const loaded = new LoadedPackages()
    await loaded.add({ type: 'add', id: 1, load, parameters: null })
    expect(loaded.root('state')).to.be.a('function')
    expect(loaded.find('state', ['increment']).target).to.be.a('function')
  })
})
