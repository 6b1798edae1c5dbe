import { expect } from 'chai'
import { startFailure } from '../../../lib/space/start-failure.js'
import { processSettings } from '../../support/process-settings.js'

describe('StartFailure', () => {
  const cause = new Error('spawn failed')
  const whole = `"${process.execPath}" `
  const reasons: [code: string | undefined, changes: object, message: string][] = [
    ['EAGAIN', {}, 'the system starts no more processes (EAGAIN)'],
    [undefined, {}, 'the system starts no more processes (EAGAIN)'],
    ['EMFILE', {}, 'too many files are open (EMFILE)'],
    ['ENFILE', {}, 'too many files are open (ENFILE)'],
    ['EPERM', {}, 'this process may not start another one (EPERM)'],
    ['EPERM', { uid: 7 }, 'this process may not start another one as user 7 (EPERM)'],
    ['EPERM', { uid: 7, gid: 8 }, 'this process may not start another one as user 7, group 8 (EPERM)'],
    ['EACCES', { uid: 7 }, `the program ${whole}cannot be run in the folder "${__dirname}" (EACCES)`],
    ['ENOMEM', {}, `the program ${whole}cannot be started (ENOMEM)`],
    ['EAGAIN', { cwd: '/no/such/folder' }, 'the folder "/no/such/folder" cannot be entered (ENOENT)'],
    ['ENOENT', { execPath: '/no/such/program' }, 'the program "/no/such/program" cannot be run (ENOENT)']
  ]
  for (const [code, changes, message] of reasons) {
    it(`says that ${message}`, () => {
      const failure = startFailure(processSettings({ cwd: __dirname, ...changes }), code, cause)
      expect(failure.message).to.equal(message)
      expect(failure.message).to.contain(failure.code)
      expect(failure.cause).to.equal(cause)
    })
  }
})
