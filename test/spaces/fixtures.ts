import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { Refusal } from '../../lib/wire/refusal.js'

/** The folder that holds the fixture packages directly. */
export const packages = resolve(__dirname, '../fixtures/packages')

/** Writes files into a new folder, which is gone after the tests of the suite, and answers its path. */
export function writtenFolder(files: Record<string, string>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'spacepool-')))
  folders.push(folder)
  writeInto(folder, files)
  return folder
}

/** Writes files, with the folders they lie in. */
export function writeInto(folder: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}

/** For the `after` of a suite that writes folders; it removes all there are, so write none outside. */
export function removeWrittenFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

const folders: string[] = []

/** The refusal that an action throws or rejects with; anything else is an error. */
export async function refusalOf(action: () => unknown): Promise<Refusal> {
  try {
    await action()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  throw new Error('nothing was refused')
}
