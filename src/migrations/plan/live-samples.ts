import type { SampleStatement } from '../../probe/algorithm-question.ts'
import { isMark, isWord } from '../../sql/clauses.ts'
import { confineSchemas, listNames } from '../../sql/confine.ts'
import { findLasting } from '../../sql/lasting-effects.ts'
import { quoteName } from '../../sql/quote-name.ts'
import { applyEdits, type Edit, replaceToken, type Token, tokenize } from '../../sql/tokens.ts'
import type { LiveStatement } from '../../uses/find-uses.ts'
import type { SeenStatements } from '../../uses/ports.ts'

/** A live statement as it is tried, or why it is not. */
export type Sampled =
  | { readonly type: 'sample'; readonly sample: SampleStatement }
  | { readonly type: 'untried'; readonly why: string }

/** Those of the server are looked for where the sample is tried. */
const noneLoadable: ReadonlySet<string> = new Set()

/** The sample of a statement as it runs in a scratch schema. Pure. */
export function toSample(
  { sample: text, digest, schema }: LiveStatement,
  own: string,
  scratch: string,
  { longestSample }: Pick<SeenStatements, 'longestSample'>,
): Sampled {
  const untried = (why: string): Sampled => ({ type: 'untried', why })
  if (text === '') return untried('the server kept no sample of it')
  if (Buffer.byteLength(text) >= longestSample || text.endsWith('...')) return untried('the server has cut its sample')
  if (schema !== own) return untried('it was sent in another schema')
  const tokens = tokenize(text)
  const isQuery = isWord(tokens[0], 'SELECT', 'WITH') || isMark(tokens[0], '(')
  if (!isQuery && !isWord(tokens[0], 'INSERT', 'UPDATE', 'DELETE', 'REPLACE'))
    return untried('it is no SELECT, INSERT, UPDATE or DELETE')
  if (isQuery && tokens.some((token) => isWord(token, 'INTO'))) return untried('it writes what it reads elsewhere')
  if (text.includes('/*!') || findLasting(tokens, noneLoadable) !== null)
    return untried('what it does is not taken back')
  const { edits, qualifiers, foreign } = confineSchemas(tokens, own, () => scratch)
  if (foreign !== null) return untried('it names another schema')
  const confined = applyEdits(text, [...edits, ...fillIn(tokens)])
  return { type: 'sample', sample: { key: digest, text: confined, names: listNames(tokens), qualifiers } }
}

/** Of a prepared statement the sample has `?` for its values: a text fits columns of most types, and LIMIT takes a number. */
function fillIn(tokens: readonly Token[]): readonly Edit[] {
  return tokens.flatMap((token, at) => {
    if (!isMark(token, '?')) return []
    const before = tokens[at - 1]
    const isLimit = isWord(before, 'LIMIT', 'OFFSET') || (isMark(before, ',') && isWord(tokens[at - 3], 'LIMIT'))
    return [replaceToken(token, isLimit ? '1' : "'1'")]
  })
}

/** The tables by a name that a scratch schema has, for messages. */
export const withoutScratch = (text: string, scratch: string, own: string): string =>
  text.replaceAll(quoteName(scratch), quoteName(own)).replaceAll(scratch, own)
