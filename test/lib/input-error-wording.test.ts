import { expect } from 'chai'
import * as input from '../../lib/input-error-wording.js'
import type { SpacePoolError } from '../../lib/space-pool-error.js'

describe('The wording of errors about input', () => {
  const sentences: [string, SpacePoolError, RegExp][] = [
    [
      'INVALID_OPTION',
      input.invalidOption('spares', 'a number', 'x'),
      /^Option "spares": expected a number, got the/
    ],
    [
      'INVALID_OPTION',
      input.unknownOption('x', ['spares'], 1),
      /^There is no option "x" here. Expected one of spares/
    ],
    [
      'INVALID_ARGUMENT',
      input.invalidArgument('path', 'a string', 1),
      /^Argument "path": expected a string, got 1\.$/
    ],
    [
      'INVALID_NAME',
      input.invalidName('./x', 'is relative'),
      /^".\/x" cannot be the name of a package: it is relative/
    ],
    ['INVALID_NAME', input.nameNotAllowed('fs'), /^The package "fs" is not allowed.*"allow"/],
    [
      'INVALID_NAME',
      input.invalidAlias('', 'packages[1].as', 'is empty'),
      /^Argument "packages\[1\]\.as": "" cannot be the name of a package in its set: it is empty\./
    ]
  ]
  for (const [code, error, sentence] of sentences) {
    it(`of ${code} says ${String(sentence)}`, () => {
      expect(error.code).to.equal(`ERR_SPACEPOOL_${code}`)
      expect(error.message).to.match(sentence)
    })
  }

  it('does not tell the value of a secret', () => {
    const errors = ['hunter2', 1234567, 1234567n, true].map((secret) =>
      input.invalidSecret('env.PIN', 'x', secret)
    )
    for (const error of errors) expect(`${error.message} ${error.got}`).not.to.match(/hunter2|1234567|true/)
  })
})
