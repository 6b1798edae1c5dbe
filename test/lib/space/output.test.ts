import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { killNow } from '../../../lib/space/end-process.js'
import { Output, type Clock } from '../../../lib/space/output.js'
import { startProcess } from '../../../lib/space/start-process.js'
import { program, processSettings } from '../../support/process-settings.js'
import { Recorder } from '../../support/recorder.js'

describe('The output of a space', () => {
  it('comes line by line, and the end of standard error is kept', async () => {
    const { child } = await startProcess(processSettings(), program('print.cjs'))
    const { output, lines } = listen(child)
    await output.ended
    expect(lines.toSorted()).to.deep.equal([
      'stderr: this went wrong',
      'stdout: first',
      'stdout: second',
      'stdout: without an end'
    ])
    expect(output.tail).to.equal('this went wrong\n')
  })

  it('is nothing where it is not captured', async () => {
    const { child } = await startProcess(processSettings({ stdio: 'ignore' }), program('print.cjs'))
    const { output, lines } = listen(child)
    await Promise.all([output.ended, once(child, 'exit')])
    expect([output.tail, lines]).to.deep.equal(['', []])
  })

  it('has nothing of what Node says of its inspector, once the host opens it', async () => {
    const { stdout, stderr, output, lines } = fake()
    const notice = 'Debugger attached.\n'
    for (const stream of [stdout, stderr]) stream.write(notice)
    await turn()
    expect([...lines, output.tail]).to.deep.equal([
      ...['stdout: Debugger attached.', 'stderr: Debugger attached.', notice]
    ])
    output.inspected()
    stdout.write(notice)
    stderr.write(`an error\n${notice}another\n`)
    await turn()
    expect(lines.slice(2)).to.have.members([
      ...['stdout: Debugger attached.', 'stderr: an error', 'stderr: another']
    ])
    expect(output.tail).to.equal('an error\nanother\n')
  })

  it('ends when it is closed, although somebody else holds the streams', async () => {
    const { stdout, stderr, output, lines } = fake()
    stdout.write('partial')
    await turn()
    output.close()
    await output.ended
    expect([stdout.destroyed, stderr.destroyed, lines]).to.deep.equal([true, true, ['stdout: partial']])
  })

  it('is left out beyond 100 lines in 100 ms, which one message tells', async () => {
    const { stdout, stderr, lines, clock } = fake()
    stdout.write('out\n'.repeat(99))
    stderr.write('err\n'.repeat(50))
    await turn()
    stdout.write('late\n')
    await turn()
    expect(lines).to.have.lengthOf(100)
    clock.pass(100)
    expect(lines.slice(100)).to.deep.equal(['dropped: 50'])
    stdout.write('next\n')
    await turn()
    expect(lines.slice(101)).to.deep.equal(['stdout: next'])
    expect(clock.waiting).to.equal(0)
  })

  it('tells what was left out when it ends, too', async () => {
    const { stdout, stderr, output, lines, clock } = fake()
    stdout.end('out\n'.repeat(150))
    stderr.end()
    await output.ended
    expect(lines.slice(100)).to.deep.equal(['dropped: 50'])
    expect(clock.waiting).to.equal(0)
  })

  it('has to wait beyond 1 MiB in 100 ms, on both streams', async () => {
    const { stdout, stderr, clock } = fake()
    const written = { stdout: 0, stderr: 0 }
    for (let count = 0; count < 40; count++) {
      if (stdout.write(Buffer.alloc(65_536))) written.stdout++
      await turn()
    }
    expect([written.stdout, stdout.isPaused(), stderr.isPaused()]).to.deep.equal([16, true, true])
    expect(clock.waiting).to.equal(1)
    clock.pass(100)
    expect([stdout.isPaused(), stderr.isPaused(), clock.waiting]).to.deep.equal([false, false, 0])
  })

  it('is no longer waited for after an end that came while it had to wait', async () => {
    const { stdout, output, stderr, clock } = fake()
    stdout.end(Buffer.alloc(1024 * 1024))
    stderr.end()
    await turn()
    clock.pass(100)
    await output.ended
    expect(clock.waiting).to.equal(0)
  })

  it('is read so fast and no faster, however much there is', async () => {
    const { child, channel } = await startProcess(processSettings(), program('flood.cjs'))
    const recorder = new Recorder()
    channel.read(recorder)
    const { lines, output } = listen(child)
    let bytes = 0
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (bytes += chunk.length))
    }
    const start = performance.now()
    await recorder.has(5)
    while (lines.filter((line) => line.startsWith('dropped')).length < 8) await turnOfTimers()
    const elapsed = performance.now() - start
    // What this costs depends on the machine; `npm run faults` judges it. A window ends with the chunk that fills it.
    const most = Math.ceil(elapsed / 100 + 1)
    expect(bytes).to.be.within(1, most * (1024 + 64) * 1024)
    expect(lines.filter((line) => !line.startsWith('dropped')).length).to.be.within(1, most * 100)
    killNow(child)
    await Promise.all([once(child, 'exit'), output.ended])
    expect(output.tail).to.have.lengthOf(8192)
  })
})

interface Listening {
  output: Output
  /** What was told, in order. */
  lines: string[]
}

function listen(child: Pick<ChildProcess, 'stdout' | 'stderr'>, clock?: Clock): Listening {
  const lines: string[] = []
  const listener = {
    onLine: (stream: string, line: string) => void lines.push(`${stream}: ${line}`),
    onDropped: (count: number) => void lines.push(`dropped: ${count}`)
  }
  return { lines, output: new Output(child, listener, clock) }
}

function fake(): Listening & { stdout: PassThrough; stderr: PassThrough; clock: StandingClock } {
  const [stdout, stderr, clock] = [new PassThrough(), new PassThrough(), new StandingClock()]
  return { stdout, stderr, clock, ...listen({ stdout, stderr }, clock) }
}

/** Stands still until it is told to pass, and knows one alarm at a time. */
class StandingClock implements Clock {
  private time = 0
  private alarms: { at: number; ring: () => void }[] = []

  get waiting(): number {
    return this.alarms.length
  }

  now(): number {
    return this.time
  }

  schedule(milliseconds: number, ring: () => void): () => void {
    const alarm = { at: this.time + milliseconds, ring }
    this.alarms.push(alarm)
    return () => (this.alarms = this.alarms.filter((other) => other !== alarm))
  }

  pass(milliseconds: number): void {
    this.time += milliseconds
    for (const { at, ring } of this.alarms) if (at <= this.time) ring()
  }
}

function turnOfTimers(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10))
}
