import { invalidOption } from './errors.js'
import { parsePackageName } from './names.js'
import type { Check } from './option-checks.js'

/** Whether a package of this canonical name may be added. */
export type Allow = (name: string) => boolean

export const everyName: Allow = () => true

/** The check of the option `allow`. A function must answer with a boolean: a promise would allow everything. */
export const allowed: Check<Allow> = (value, option) => {
  if (typeof value === 'function') return strict(value as (name: string) => unknown, option)
  if (!Array.isArray(value)) throw invalidOption(option, 'an array of names, or a function of a name', value)
  const names = new Set(Array.from(value, (name: unknown, index) => canonical(name, `${option}[${index}]`)))
  return (name) => names.has(name)
}

function strict(allow: (name: string) => unknown, option: string): Allow {
  return (name) => {
    const answer = allow(name)
    if (typeof answer === 'boolean') return answer
    throw invalidOption(option, 'a function that returns true or false', answer)
  }
}

function canonical(name: unknown, option: string): string {
  try {
    return parsePackageName(name, option).specifier
  } catch (error) {
    throw invalidOption(option, 'the name of a package', name, error)
  }
}
