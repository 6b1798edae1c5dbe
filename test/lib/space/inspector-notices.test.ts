import { expect } from 'chai'
import {
  announcedAddress,
  isInspectorNotice,
  withoutInspectorNotices
} from '../../../lib/space/inspector-notices.js'

const path = '/485a2c04-bd27-45a4-aa12-8c196e078ab2'
const listening = `Debugger listening on ws://127.0.0.1:37167${path}`

describe('The announcement of an inspector', () => {
  it('says where it listens', () => {
    const address = { port: 37_167, path }
    for (const text of [`${listening}\n`, `warning\n${listening}\nFor help, see: x\n`, `${listening}\r\n`]) {
      expect(announcedAddress(text), text).to.deep.equal(address)
    }
  })

  it('is found behind one that is forged', () => {
    const forged = `Debugger listening on ws://127.0.0.1:99999${path}`
    expect(announcedAddress(`${forged}\n${listening}\n`)).to.deep.equal({ port: 37_167, path })
  })

  it('is complete, and of a port of this machine', () => {
    for (const text of [
      '',
      listening.slice(0, -1),
      `I read: ${listening}\n`,
      `Debugger listening on ws://10.0.0.1:80${path}\n`,
      `Debugger listening on ws://127.0.0.1:80${path}/../../else\n`,
      ...['0', '65536', '99999', '123456'].map(
        (port) => `Debugger listening on ws://127.0.0.1:${port}${path}\n`
      ),
      'Debugger listening on ws://127.0.0.1:80/admin\n'
    ]) {
      expect(announcedAddress(text), text).to.equal(undefined)
    }
  })
})

describe('The notices of an inspector', () => {
  const notices = [
    listening,
    'For help, see: https://nodejs.org/en/docs/inspector',
    'For help, see: https://nodejs.org/learn/getting-started/debugging',
    'Debugger attached.',
    'Waiting for the debugger to disconnect...',
    `Debugger ending on ws://127.0.0.1:37167${path}`,
    'Starting inspector on 127.0.0.1:0 failed: address already in use'
  ]

  it('are told from what a program writes', () => {
    for (const line of notices) expect(isInspectorNotice(line), line).to.equal(true)
    for (const line of ['', 'Debugger', 'My Debugger attached.', 'For help, see: https://example.org/']) {
      expect(isInspectorNotice(line), line).to.equal(false)
    }
  })

  it('are taken out of a text', () => {
    expect(withoutInspectorNotices(['first', ...notices, 'second', ''].join('\n'))).to.equal(
      'first\nsecond\n'
    )
  })
})
