import type { ScriptMessage } from '../lib/wire/messages.js'
import { operandsIn } from '../lib/wire/operands.js'
import type { ScriptHost } from '../lib/wire/script-run.js'

/** What was lent to the host stays known to a script that waits. */
export function withThings(message: ScriptMessage, host: ScriptHost): ScriptHost {
  const things = new Map<number, unknown>()
  for (const { base, parameters } of message.steps) {
    for (const each of [base, ...operandsIn(parameters as unknown[]).map((operand) => operand.base)]) {
      if (each.kind === 'reference') things.set(each.number, host.lentThing(each.number))
    }
  }
  return {
    ...host,
    lentThing: (number) => (things.has(number) ? things.get(number) : host.lentThing(number))
  }
}
