import { createRequire } from 'node:module'
import type { Logger as PinoLogger, LoggerOptions } from 'pino'
import { describeThrown } from './describe.js'
import { invalidOption } from './errors.js'

/** What spacepool needs of a logger. A pino logger is one. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  /** A logger that adds these fields to each record. */
  child(bindings: Record<string, unknown>): Logger
}

/** The option `logger`: a pino logger, pino's options, `true` for pino's defaults, `false` for silence. */
export type LoggerOption = boolean | PinoLogger | Logger | LoggerOptions

/**
 * The logger of a pool: the given one, or a new one. Silence costs nothing, as pino (about 20 ms) is loaded only for
 * those who want records. Throws INVALID_OPTION.
 */
export function createLogger(input: unknown): Logger {
  if (input === undefined || input === false) return SILENT
  if (input === true) return new GuardedLogger(loadPino()())
  if (isLogger(input)) return new GuardedLogger(input)
  // What has `info` is a logger of another kind, such as `console`: pino would take it for options that say nothing.
  if (typeof input !== 'object' || input === null || Array.isArray(input) || 'info' in input) {
    throw invalidOption('logger', EXPECTED, input)
  }
  try {
    return new GuardedLogger(loadPino()(input))
  } catch (error) {
    throw invalidOption('logger', EXPECTED, input, error)
  }
}

const EXPECTED = 'a pino logger, options that pino accepts, or true'

const SILENT: Logger = Object.freeze({
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => SILENT
})

function nothing(): void {}

type Level = 'debug' | 'info' | 'warn' | 'error'

/**
 * A logger that throws nothing. Records hold what packages have thrown, and pino's serializers fail at an error whose
 * `cause` has a stack that is no text: no log is worth the host.
 */
class GuardedLogger implements Logger {
  constructor(private readonly logger: Logger) {}

  debug(fields: object, message: string): void {
    this.tell('debug', fields, message)
  }

  info(fields: object, message: string): void {
    this.tell('info', fields, message)
  }

  warn(fields: object, message: string): void {
    this.tell('warn', fields, message)
  }

  error(fields: object, message: string): void {
    this.tell('error', fields, message)
  }

  child(bindings: Record<string, unknown>): Logger {
    try {
      return new GuardedLogger(this.logger.child(bindings))
    } catch {
      return this
    }
  }

  private tell(level: Level, fields: object, message: string): void {
    try {
      this.logger[level](fields, message)
    } catch {
      this.tellInWords(level, fields, message)
    }
  }

  private tellInWords(level: Level, fields: object, message: string): void {
    const words: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(fields) as [string, unknown][]) {
      words[key] = typeof value === 'object' ? describeThrown(value) : value
    }
    try {
      this.logger[level](words, message)
    } catch {
      // It cannot even tell that.
    }
  }
}

function isLogger(input: unknown): input is Logger {
  const logger = input as Record<string, unknown> | null
  if (typeof logger !== 'object' || logger === null) return false
  return ['debug', 'info', 'warn', 'error', 'child'].every((method) => typeof logger[method] === 'function')
}

function loadPino(): (options?: LoggerOptions) => Logger {
  return createRequire(__filename)('pino') as (options?: LoggerOptions) => Logger
}
