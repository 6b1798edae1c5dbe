import { spawn } from 'node:child_process'

export interface ProgramResult {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/**
 * Runs a program to its end and returns what it printed; it does not reject when the program fails. After `bound`
 * milliseconds the program is killed, and `signal` tells so. What npm put into the environment is left out, because a
 * nested npm would take it for settings of its own.
 */
export function runProgram(
  command: string,
  parameters: readonly string[],
  { cwd, bound = 60_000 }: { cwd: string; bound?: number }
): Promise<ProgramResult> {
  const child = spawn(command, parameters, {
    cwd,
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), bound)
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text))
  }
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, ...output })
    })
  })
}

/** Runs a Node program with the Node that runs the tests. */
export function runNode(
  file: string,
  parameters: readonly string[],
  options: { cwd: string; bound?: number }
): Promise<ProgramResult> {
  return runProgram(process.execPath, [file, ...parameters], options)
}

/** Runs npm with the Node that runs the tests. */
export function runNpm(parameters: readonly string[], options: { cwd: string; bound?: number }) {
  const npm = process.env['npm_execpath']
  const patient = { bound: 170_000, ...options }
  return npm?.endsWith('.js') ? runNode(npm, parameters, patient) : runProgram('npm', parameters, patient)
}

function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^INIT_CWD$/i.test(name)))
}
