import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import ts from 'typescript'

const root = resolve(__dirname, '../..')

/** The names of the members that an interface in a file of lib/ declares, those it inherits left out. */
export function interfaceMembers(file: string, name: string): string[] {
  const source = readFileSync(join(root, file), 'utf8')
  const { statements } = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true)
  const found = statements.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === name)
  if (found === undefined) throw new Error(`${file} has no interface ${name}`)
  return (found as ts.InterfaceDeclaration).members.map((member) => member.name?.getText() ?? '')
}
