/** The fenced blocks of a Markdown text in one language, in order. */
export function codeBlocks(markdown: string, language: string): string[] {
  const blocks = markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)
  return [...blocks].filter(([, given]) => given === language).map(([, , code]) => code ?? '')
}

/** The rows of the table whose first column has this title, each as its cells; fails when there is no such table. */
export function tableRows(markdown: string, title: string): string[][] {
  const lines = markdown.split('\n')
  const head = lines.findIndex((line) => cells(line)[0] === title)
  if (head < 0) throw new Error(`there is no table with a column "${title}"`)
  const rows = lines.slice(head + 2)
  const end = rows.findIndex((line) => !line.startsWith('|'))
  return rows.slice(0, end < 0 ? undefined : end).map(cells)
}

/** The words in code quotes in a cell. */
export function codeWords(cell = ''): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word ?? '')
}

function cells(line: string): string[] {
  return line.startsWith('|')
    ? line
        .slice(1, line.lastIndexOf('|'))
        .split('|')
        .map((cell) => cell.trim())
    : []
}
