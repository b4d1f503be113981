/** The text of SHOW CREATE TABLE is one line a column, key and constraint; names are in backticks, doubled inside. */
const firstLine = /^CREATE TABLE `(?:[^`]|``)+`/
const constraint = /^( {2}CONSTRAINT )`((?:[^`]|``)+)`/
const reference = /( REFERENCES (?:`(?:[^`]|``)+`\.)?)`((?:[^`]|``)+)`/
/** What MySQL adds to a table's name where a constraint was given none; RENAME TABLE renames these along. */
const generatedSuffix = /^_(?:ibfk|chk)_\d+$/

/**
 * A table's definition under another name, as RENAME TABLE would leave it: names of constraints that were made from the
 * table's follow. `ownNames` gives the own names of tables that are called otherwise for the time being (held ones),
 * for foreign keys that point at them.
 */
export function renameDefinition(
  text: string,
  from: string,
  to: string,
  ownNames: ReadonlyMap<string, string> = new Map(),
): string {
  return text
    .replace(firstLine, () => `CREATE TABLE ${quote(to)}`)
    .split('\n')
    .map((line) => (line.startsWith('  CONSTRAINT `') ? renameConstraint(line, from, to, ownNames) : line))
    .join('\n')
}

function renameConstraint(line: string, from: string, to: string, ownNames: ReadonlyMap<string, string>): string {
  return line
    .replace(constraint, (whole: string, start: string, quoted: string) => {
      const name = quoted.replaceAll('``', '`')
      if (!name.startsWith(from) || !generatedSuffix.test(name.slice(from.length))) return whole
      return start + quote(to + name.slice(from.length))
    })
    .replace(reference, (_, start: string, quoted: string) => {
      const name = quoted.replaceAll('``', '`')
      return start + quote(name === from ? to : (ownNames.get(name) ?? name))
    })
}

function quote(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}
