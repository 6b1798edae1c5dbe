import type { Message } from './messages.js'
import { asRefusal, pack, Packed } from './packed.js'
import type { Refusal } from './refusal.js'

type Body = { parameters?: unknown; value?: unknown; error?: unknown; details?: unknown }

/** The name under which errors speak of what a message carries. */
const names = { parameters: 'parameters', value: 'result', error: 'error', details: 'details' } as const

/** The message with its value packed, so that it can be read without what other messages put into the tables. */
export function packBody(message: Message, limit: number): Message {
  const key = bodyOf(message)
  if (key === undefined || (message as Body)[key] === undefined) return message
  const body = (message as Body)[key]
  return { ...message, [key]: body instanceof Packed ? body : pack(body, names[key], limit) }
}

/** What was thrown when a message was written, as the refusal that names the place in its value. */
export function refusalOf(error: unknown, message: Message): Refusal {
  const key = bodyOf(message)
  return asRefusal(
    error,
    key === undefined ? undefined : (message as Body)[key],
    key === undefined ? '' : names[key]
  )
}

function bodyOf(message: Message): keyof Body | undefined {
  return (Object.keys(names) as (keyof Body)[]).find((key) => key in message)
}
