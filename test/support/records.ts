import type { Logger } from '../../lib/logger.js'

export interface LogRecord {
  level: 'debug' | 'info' | 'warn' | 'error'
  message: string
  fields: Record<string, unknown>
}

/** A logger that keeps its records. */
export function recordingLogger(): { logger: Logger; records: LogRecord[] } {
  const records: LogRecord[] = []
  const loggerWith = (bindings: Record<string, unknown>): Logger => {
    const write =
      (level: LogRecord['level']) =>
      (fields: object, message: string): void =>
        void records.push({ level, message, fields: { ...bindings, ...fields } })
    return {
      ...{ debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
      child: (more) => loggerWith({ ...bindings, ...more })
    }
  }
  return { logger: loggerWith({}), records }
}
