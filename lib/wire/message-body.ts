import type { Call, Message } from './messages.js'
import type { Moves } from './moved.js'
import { asRefusal, pack, Packed, packLive } from './packed.js'
import type { Refusal } from './refusal.js'
import { INLINE_LIMIT } from './tags.js'

type Body = { parameters?: unknown; value?: unknown; error?: unknown; details?: unknown }

/** The name under which errors speak of what a message carries. */
const names = { parameters: 'parameters', value: 'result', error: 'error', details: 'details' } as const

/** The message with its value packed, so that it can be read without what other messages put into the tables. */
export function packBody(message: Message, limit: number, moves?: Moves): Message {
  const key = bodyOf(message)
  if (key === undefined || (message as Body)[key] === undefined) return message
  const body = (message as Body)[key]
  if (body instanceof Packed) return message
  const packed = isLive(message) ? packLive(body, names[key], limit) : pack(body, names[key], limit, moves)
  return { ...message, [key]: packed }
}

/** Without looking into it: its message has attachments. */
export function isLarge({ parameters }: Call): boolean {
  if (parameters instanceof Packed) return parameters.attachments.length > 0
  return parameters.some((value) => ArrayBuffer.isView(value) && value.byteLength > INLINE_LIMIT)
}

function isLive(message: Message): boolean {
  if (message.type === 'outcome') return !message.copied
  return (message.type === 'invoke' || message.type === 'result') && message.live === true
}

/** What was thrown when a message was written, as the refusal that names the place in its value. */
export function refusalOf(error: unknown, message: Message): Refusal {
  const key = bodyOf(message)
  return key === undefined
    ? asRefusal(error, undefined, 'a chain')
    : asRefusal(error, (message as Body)[key], names[key])
}

function bodyOf(message: Message): keyof Body | undefined {
  return (Object.keys(names) as (keyof Body)[]).find((key) => key in message)
}
