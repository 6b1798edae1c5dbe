import { expect } from 'chai'
import { Reference, type Home } from '../../../lib/wire/chain.js'
import { Iterated } from '../../../lib/wire/iterated.js'
import { neverSeen } from '../../../lib/wire/never-seen.js'
import { proxyOfReference } from '../../../lib/wire/remote-proxy.js'

const nowhere = {} as Home

describe('What has come for nobody', () => {
  const holders: [title: string, hold: (reference: object) => unknown][] = [
    ['a reference itself', (reference) => reference],
    ['an array in an object', (reference) => ({ list: [1, reference] })],
    ['a Map', (reference) => new Map([['key', reference]])],
    ['a Set', (reference) => new Set([reference])],
    ['items of an iterator', (reference) => new Iterated(['item', { reference }], false)]
  ]
  for (const [title, hold] of holders) {
    it(`is not told as forgotten: ${title}`, () => {
      const reference = new Reference(nowhere, 1, 'Tool', 'object')
      neverSeen(hold(proxyOfReference(reference)))
      expect(reference.note.isSeen).to.equal(false)
    })
  }
})
