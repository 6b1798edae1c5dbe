import { scheduleTimeout, type Schedule } from './schedule.js'

export interface Bounds {
  /** ms until it is given up. */
  readonly timeout: number
  readonly schedule?: Schedule
}

/** The end of a wait. */
export class Deadline {
  isPassed = false
  readonly passed: Promise<undefined>
  private cancel: () => void = () => undefined

  constructor({ timeout, schedule = scheduleTimeout }: Bounds) {
    this.passed = new Promise((resolve) => {
      this.cancel = schedule(timeout, () => {
        this.isPassed = true
        resolve(undefined)
      })
    })
  }

  /** The result, or undefined when the deadline passes before. It does not pass any more after the result. */
  async bound<T>(result: Promise<T>): Promise<T | undefined> {
    try {
      return await Promise.race([result, this.passed])
    } finally {
      this.cancel()
    }
  }
}
