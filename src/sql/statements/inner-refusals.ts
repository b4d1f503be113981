import { searchCode } from '../lexical.ts'
import type { StatementFacts } from '../statement.ts'
import { type Token, tokenize } from '../tokens.ts'
import { clientSetVerb, readSet } from './settings.ts'
import { type Findings, refuse, TokenCursor } from './token-cursor.ts'

type Classify = (text: string) => StatementFacts

const routines: ReadonlySet<string> = new Set([
  'CREATE PROCEDURE',
  'CREATE FUNCTION',
  'CREATE TRIGGER',
  'CREATE EVENT',
  'ALTER EVENT',
])

/**
 * The refusal of code that no statement may contain, anywhere in it; null where there is none. A body may commit and release
 * locks, because it also runs in sessions of applications; session settings in a body are not checked.
 */
export function findInnerRefusal(text: string, findings: Findings, classify: Classify): Findings | null {
  if (routines.has(findings.verb)) return findInBody(text, classify)
  if (findings.verb === 'PREPARE') return findInPrepared(tokenize(text), 0, classify)
  return findLockFunction(text)
}

const lockFunctions = searchCode(String.raw`\b(?:release_all_locks|release_lock|get_lock)\b`)
const ownLock = /^(?:release_lock|get_lock)\s*\(\s*(?:_\w+\s*)?(['"])wwdb/i

/** wwdb holds its lock on the connection that runs the statements, and stops when the lock is lost. */
function findLockFunction(text: string): Findings | null {
  if (!/_locks?\b/i.test(text)) return null
  for (const at of lockFunctions(text)) {
    const call = text.slice(at, at + 100)
    const isAll = /^release_all_locks\s*\(/i.test(call)
    if (!isAll && !ownLock.test(call)) continue
    return refuse(
      /^\w+/.exec(call)?.[0]?.toUpperCase() ?? '',
      'It releases the lock that keeps other runs of wwdb out of the database, so every run would stop there.',
      isAll ? "Release the locks of the file one by one: `RELEASE_LOCK('name')`." : 'Leave it out.',
    )
  }
  return null
}

const mayMatter = /\b(?:names|char|character|charset|character_set_client|prepare)\b/i

function findInBody(text: string, classify: Classify): Findings | null {
  if (!mayMatter.test(text)) return null
  const tokens = tokenize(text)
  for (const [at, token] of tokens.entries()) {
    if (token.type !== 'word') continue
    const word = token.text.toUpperCase()
    const found =
      word === 'SET'
        ? readSet(new TokenCursor(text, token.end))
        : word === 'PREPARE'
          ? findInPrepared(tokens, at, classify)
          : null
    if (found?.verb === clientSetVerb) return found
  }
  return null
}

/** For PREPARE name FROM 'text', whose first word is at `at`: the refusal of its text. */
function findInPrepared(tokens: readonly Token[], at: number, classify: Classify): Findings | null {
  const [from, source, after] = tokens.slice(at + 2, at + 5)
  if (from?.text.toUpperCase() !== 'FROM' || source?.type !== 'string') return null
  if (after !== undefined && !(after.type === 'punctuation' && after.text === ';')) return null
  const { verb, refusal } = classify(source.text)
  return refusal === null ? null : refuse(verb, refusal.why, refusal.next)
}
