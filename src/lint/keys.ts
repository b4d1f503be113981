import {
  type Clause,
  findWords,
  hasWords,
  isIndexStatement,
  isMark,
  isName,
  isWord,
  readAlterations,
} from '../sql/clauses.ts'
import type { KeyState } from '../sql/table-state.ts'

type Kind = KeyState['kind']

/** Keys that an ALTER TABLE or CREATE INDEX adds. A key that is not named gets the name of its first column. */
export function readAddedKeys(tokens: Clause): readonly KeyState[] {
  if (isIndexStatement(tokens)) return isWord(tokens[0], 'CREATE') ? readCreatedIndex(tokens) : []
  return readAlterations(tokens).flatMap(readAddedKey)
}

function readCreatedIndex(tokens: Clause): readonly KeyState[] {
  const at = tokens.findIndex((token) => isWord(token, 'INDEX'))
  const columns = readColumns(tokens.slice(findWords(tokens, 'ON')))
  return [{ name: tokens[at + 1]?.text ?? '', kind: isWord(tokens[1], 'UNIQUE') ? 'UNIQUE' : 'INDEX', columns }]
}

/** `ADD [CONSTRAINT [name]] PRIMARY KEY | UNIQUE | INDEX | FULLTEXT | SPATIAL | FOREIGN KEY | CHECK ...`. */
function readAddedKey(clause: Clause): readonly KeyState[] {
  if (!isWord(clause[0], 'ADD')) return []
  const named = isWord(clause[1], 'CONSTRAINT') && isName(clause[2]) && kindOf(clause.slice(2)) === null
  const at = isWord(clause[1], 'CONSTRAINT') ? (named ? 3 : 2) : 1
  const kind = kindOf(clause.slice(at))
  if (kind === null) return []
  const columns = readColumns(clause)
  const open = clause.findIndex((token) => isMark(token, '('))
  const before = clause.slice(at + 1, open).filter((token) => isName(token) && !isWord(token, ...keyWords))
  const name =
    kind === 'PRIMARY' ? 'PRIMARY' : (before[0]?.text ?? (named ? clause[2]?.text : undefined) ?? columns[0] ?? '')
  return [{ name: kind === 'FOREIGN KEY' && named ? (clause[2]?.text ?? name) : name, kind, columns }]
}

const keyWords = ['KEY', 'INDEX', 'USING', 'BTREE', 'HASH'] as const

function kindOf(clause: Clause): Kind | null {
  if (isWord(clause[0], 'PRIMARY')) return 'PRIMARY'
  if (isWord(clause[0], 'UNIQUE')) return 'UNIQUE'
  if (isWord(clause[0], 'INDEX', 'KEY', 'FULLTEXT', 'SPATIAL')) return 'INDEX'
  if (isWord(clause[0], 'FOREIGN')) return 'FOREIGN KEY'
  return isWord(clause[0], 'CHECK') ? 'CHECK' : null
}

/** The columns in the first parentheses; a prefix, an order or an expression ends a name. */
function readColumns(clause: Clause): readonly string[] {
  const open = clause.findIndex((token) => isMark(token, '('))
  const columns: string[] = []
  let depth = 0
  for (const [at, token] of clause.entries()) {
    if (at < open || open < 0) continue
    if (depth === 1 && isName(token) && (at === open + 1 || isMark(clause[at - 1], ','))) columns.push(token.text)
    if (isMark(token, '(')) depth += 1
    if (isMark(token, ')')) depth -= 1
    if (depth === 0) break
  }
  return columns
}

/** What is dropped by name; `key` where the statement does not say of which kind it is (DROP CONSTRAINT). */
export interface DroppedKey {
  readonly kind: Kind | 'CONSTRAINT'
  readonly name: string
}

export function readDroppedKeys(tokens: Clause): readonly DroppedKey[] {
  if (isIndexStatement(tokens) && isWord(tokens[0], 'DROP')) return [{ kind: 'INDEX', name: tokens[2]?.text ?? '' }]
  return readAlterations(tokens).flatMap((clause): readonly DroppedKey[] => {
    if (!isWord(clause[0], 'DROP')) return []
    if (hasWords(clause, 1, 'PRIMARY', 'KEY')) return [{ kind: 'PRIMARY', name: 'PRIMARY' }]
    if (hasWords(clause, 1, 'FOREIGN', 'KEY')) return [{ kind: 'FOREIGN KEY', name: clause.at(-1)?.text ?? '' }]
    const name = clause[2]?.text ?? ''
    if (isWord(clause[1], 'INDEX', 'KEY')) return [{ kind: 'INDEX', name }]
    if (isWord(clause[1], 'CONSTRAINT')) return [{ kind: 'CONSTRAINT', name }]
    return isWord(clause[1], 'CHECK') ? [{ kind: 'CHECK', name }] : []
  })
}

/** Indexes and foreign keys have names of their own each; DROP CONSTRAINT takes either. */
export function isSameKey(key: KeyState, dropped: DroppedKey): boolean {
  if (!isNamed(key, dropped.name)) return false
  if (dropped.kind === 'CONSTRAINT') return key.kind !== 'INDEX'
  return dropped.kind === 'INDEX' ? isIndex(key) : key.kind === dropped.kind
}

function isNamed(key: KeyState, name: string): boolean {
  return key.name.toLowerCase() === name.toLowerCase()
}

export function isIndex({ kind }: KeyState): boolean {
  return kind === 'PRIMARY' || kind === 'UNIQUE' || kind === 'INDEX'
}

/** Keys as an ALTER TABLE, CREATE INDEX or DROP INDEX leaves them. */
export function followKeys(keys: readonly KeyState[], tokens: Clause): readonly KeyState[] {
  const dropped = readDroppedKeys(tokens)
  const kept = keys.filter((key) => !dropped.some((drop) => isSameKey(key, drop)))
  const renamed = readAlterations(tokens).reduce(renameIndex, kept)
  const added = readAddedKeys(tokens).map((key) => ({ ...key, made: true }))
  // One that is there already was added by a run that was stopped behind this statement, or the server refuses it.
  const others = renamed.filter(
    (key) => !added.some((each) => isIndex(each) === isIndex(key) && isNamed(key, each.name)),
  )
  return [...others, ...added]
}

function renameIndex(keys: readonly KeyState[], clause: Clause): readonly KeyState[] {
  if (!isWord(clause[0], 'RENAME') || !isWord(clause[1], 'INDEX', 'KEY')) return keys
  const [from, to] = [clause[2]?.text.toLowerCase(), clause[4]?.text]
  return keys.map((key) =>
    isIndex(key) && key.name.toLowerCase() === from && to !== undefined ? { ...key, name: to } : key,
  )
}
