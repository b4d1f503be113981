import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listNames, type NamedTest } from '../../helpers/documents/names-of-tests.ts'

const tests = resolve(import.meta.dirname, '../..')

/** A name that begins with one of these continues another sentence, which a report does not show. */
const continuations = /^(?:of|and|or|nor|but|too|also)\b/
/** A name that begins with one of these has its subject in the group above it, or has none. */
const verbs =
  /^(?:is|are|was|were|has|have|does|do|can|cannot|may|must|will|(?:take|say|show|find|tell|give|keep|read|leave|make|end|write|run|need|count|let|work|print|prove|stop|ask|want|answer|follow|list|fill|begin|come|bring|revert|hold|cut|know|put|break|get|converge|require|roll|remove|mask|set|look|resolve|explain|order|change|quote|wait|call|load|compare|collect|sort|add|walk|join|ignore|suggest|notice|lead|settle|differ|turn|cover|mark|repeat|forget|bound)s|(?:refus|reach|pass|match|publish|do|go|us)es)\b/

/** Names without a subject, with their lines. */
function withoutSubject(names: readonly NamedTest[]): readonly string[] {
  const groups = names.filter(({ kind }) => kind === 'describe')
  const bare = names.filter(({ kind, name, line, indent }) => {
    if (kind === 'describe') return false
    const isGrouped = groups.some((group) => group.line < line && group.indent < indent)
    return continuations.test(name) || (verbs.test(name) && !isGrouped)
  })
  return bare.map(({ line, name }) => `${line}: ${name}`)
}

const files = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'))
const roomOf = (file: string): string =>
  file
    .split('/')
    .slice(0, file.split('/').length > 2 ? 2 : 1)
    .join('/')
const rooms = [...new Set(files.map(roomOf))].sort()

function problemsOf(room: string): readonly string[] {
  return files
    .filter((file) => roomOf(file) === room)
    .flatMap((file) =>
      withoutSubject(listNames(readFileSync(join(tests, file), 'utf8'))).map((name) => `${file}:${name}`),
    )
}

describe('the names of tests', () => {
  test.each(rooms)('each test of %s has a subject', (room) => {
    expect(problemsOf(room).join('\n')).toBe('')
  })

  test('a name without a subject is found, unless its group is the subject', () => {
    const text =
      "test('is kept', () => {\n})\ndescribe('a shard', () => {\n  test('is kept', () => {})\n  test('and none', () => {})\n})\n"
    expect(withoutSubject(listNames(text))).toEqual(['1: is kept', '5: and none'])
  })
})
