import ts from 'typescript'

export interface Import {
  /** As written in the source. */
  specifier: string
  /** Nothing of it is left when the file runs. */
  typeOnly: boolean
}

/** Every import of a source: static, type-only, re-exported, `require`, `import()` and types by `import('x')`. */
export function importsOf(path: string, source: string): Import[] {
  const imports: Import[] = []
  const visit = (node: ts.Node): void => {
    const found = importAt(node)
    if (found) imports.push(found)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true))
  return imports
}

function importAt(node: ts.Node): Import | undefined {
  if (ts.isImportDeclaration(node)) return named(node.moduleSpecifier, erased(node.importClause))
  if (ts.isExportDeclaration(node)) return named(node.moduleSpecifier, erasedExport(node))
  if (ts.isExternalModuleReference(node)) return named(node.expression, node.parent.isTypeOnly)
  if (ts.isImportTypeNode(node)) {
    return ts.isLiteralTypeNode(node.argument) ? named(node.argument.literal, true) : undefined
  }
  if (ts.isCallExpression(node) && loads(node.expression)) return named(node.arguments[0], false)
  return undefined
}

function named(specifier: ts.Node | undefined, typeOnly: boolean): Import | undefined {
  return specifier && ts.isStringLiteralLike(specifier) ? { specifier: specifier.text, typeOnly } : undefined
}

function erased(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const bindings = clause.namedBindings
  if (clause.name || !bindings || !ts.isNamedImports(bindings)) return false
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly)
}

function erasedExport(node: ts.ExportDeclaration): boolean {
  if (node.isTypeOnly) return true
  const clause = node.exportClause
  if (!clause || !ts.isNamedExports(clause)) return false
  return clause.elements.length > 0 && clause.elements.every((element) => element.isTypeOnly)
}

function loads(callee: ts.Expression): boolean {
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require')
}
