import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { namesOfTests } from '../../helpers/names-of-tests.ts'

const project = resolve(import.meta.dirname, '../../..')

/**
 * Words that this repository does not use, each with what it writes instead. They are looked for in names, comments, messages and pages alike:
 * `isToldOff` is read as "is told off". A space also stands for the end of a line.
 */
const words: Readonly<Record<string, string>> = {
  'tells?|told|telling': 'report, show, name, explain, distinguish',
  anew: 'again, newly',
  'mend(?:s|ed|ing)?': 'fix, repair',
  'in vain': 'without success',
  '(?<!there )(?:is|are|was|were) none': 'is invalid, is not a ..., does not exist',
  '(?:no|some|any)body': 'no session, another session, the person or program that is meant',
  'whoever|whatever': 'the noun that is meant; any',
  'wish(?:es|ed)?': 'options, request',
  'deeds?': 'operation',
  'sights?': 'observation',
  surroundings: 'context, state',
  'circumstances?': 'context, condition',
  'stakes?': 'existing data',
  'patience|patient(?:ly)?': 'timeout, retry',
  '(?:way|ways) out': 'options, what can be done',
  'so many': 'the number',
  '(?:is|are) through': 'is complete',
  '(?:goes|go|went|going) on': 'continues',
  '(?:stands?|stood) in': 'is in',
  'says that': 'reports that, shows that, means that',
  'worlds?': 'inputs, state',
  'desks?': 'buffer, fixture',
  'companions?': 'connection, session',
  'vaults?': 'known secrets',
  'vouch(?:es|ed)?': 'prove, guarantee',
  'ailments?': 'fault',
  'catalogues?': 'registry, shard map, inventory',
  'ordeals?|arenas?|weapons?': 'scenario, sandbox, fault',
  '\\w*(?:organ|normal|summar|real|recogn|serial|initial|parenthes|special|general|minim|maxim|optim|author|categor|character|custom|emphas|final|prior|synchron|util|visual|central|equal|formal|local|material|memor|neutral|random|standard|symbol|token|apolog|capital|canonical|virtual|sanit|stabil)is(?:e[drs]?|ing|ations?)':
    'the US spelling, -ize',
  '\\w*(?:col|behavi|neighb|fav|hon|lab|flav|arm|harb)ours?(?:ed|ing|s|ful|able|ite)?': 'the US spelling, -or',
  '(?:cancel|label|journal|model|travel|total|channel|signal|level|initial|tunnel|fuel|dial|equal)l(?:ed|ing)':
    'the US spelling, one l',
  'centres?|metres?|litres?|fibres?|grey|licences?|defences?|offences?|judgements?|artefacts?|whilst|amongst|spelt|learnt|dependant|programmes?|fulfils?|ageing|cheques?|analys(?:ed|er|ing)':
    'the US spelling',
}

/** What contains such a word because a server, a standard or a package wrote it. */
const quoted: readonly RegExp[] = []

const forbidden = Object.entries(words).map(([pattern, instead]) => ({
  pattern: new RegExp(`\\b(?:${pattern.replaceAll(' ', '(?:\\s|\\*|//)+')})\\b`, 'g'),
  instead,
}))

/** Places with a word of the list, as `line: word (instead)`. */
function findWords(text: string): readonly string[] {
  const plain = quoted.reduce((rest, phrase) => rest.replace(phrase, ''), text)
  const spaced = plain
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase()
  return forbidden.flatMap(({ pattern, instead }) =>
    [...spaced.matchAll(pattern)].map(({ 0: word, index }) => {
      const line = spaced.slice(0, index).split('\n').length
      return `${line}: ${word.replace(/\s+/g, ' ')} (${instead})`
    }),
  )
}

interface Text {
  readonly file: string
  readonly text: string
}

function readTexts(folder: string, ending: RegExp, take = (text: string): string => text): readonly Text[] {
  const names = readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' }).filter((name) =>
    ending.test(name),
  )
  return names.map((name) => {
    const file = `${folder}/${name}`
    return { file, text: `${file}\n${take(readFileSync(join(project, file), 'utf8'))}` }
  })
}

/** Of the changelog, what is not released yet: history stays as it was written. */
function readPages(): readonly Text[] {
  return ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'].map((file) => {
    const text = readFileSync(join(project, file), 'utf8')
    return {
      file,
      text:
        file === 'CHANGELOG.md'
          ? text
              .split(/^## (?!\[?Unreleased)/m)
              .slice(0, 1)
              .join('')
          : text,
    }
  })
}

const texts: readonly Text[] = [
  ...readTexts('src', /\.ts$/),
  ...['unit', 'contract', 'integration', 'cli'].flatMap((kind) =>
    readTexts(`test/${kind}`, /\.test\.ts$/, (text) => namesOfTests(text).join('\n')),
  ),
  ...['test/chaos', 'test/helpers', 'scripts', 'bench'].flatMap((folder) => readTexts(folder, /\.(?:ts|mjs|cjs|md)$/)),
  ...['docs', 'examples'].flatMap((folder) => readTexts(folder, /\.md$/)),
  ...readPages(),
]

/** A page is a room of its own; so is each store, each folder of src/ and each folder of tests. */
function roomOf(file: string): string {
  if (file.endsWith('.md')) return file
  const [top = '', room = '', inner = '', ...rest] = file.split('/')
  if (top === 'src' && room === 'stores' && rest.length > 0) return `src/stores/${inner}`
  if (top === 'test' && ['helpers', 'chaos'].includes(room)) return `test/${room}`
  if (top === 'test' && rest.length > 0)
    return `test/${room}/${inner}${inner === 'stores' && rest.length > 1 ? `/${rest[0]}` : ''}`
  return ['src', 'test'].includes(top) ? `${top}/${room}` : top
}

const own = ['test/unit/architecture/words.test.ts']
const rooms = new Map<string, Text[]>()
for (const text of texts.filter(({ file }) => !own.includes(file))) {
  rooms.set(roomOf(text.file), [...(rooms.get(roomOf(text.file)) ?? []), text])
}

function wordsOf(room: string): readonly string[] {
  return (rooms.get(room) ?? []).flatMap(({ file, text }) => findWords(text).map((place) => `${file}:${place}`))
}

describe('the words of the repository', () => {
  test.each([...rooms.keys()])('%s does not use a forbidden word', (room) => {
    expect(wordsOf(room).join('\n')).toBe('')
  })

  test('words are found in names, over ends of lines and in capitals', () => {
    const found = findWords(
      'const isToldOff = TELL_ALL\n/** It goes\n * on. */\nnormaliseName(organisation, colourLevel)',
    )
    expect(found.map((place) => place.replace(/ \(.*/, ''))).toEqual([
      '1: told',
      '1: tell',
      '2: goes * on',
      '4: normalise',
      '4: organisation',
      '4: colour',
    ])
  })

  test('words that only look British are none of them', () => {
    expect(
      findWords('raised, advised, otherwise, promises, precise, exercise, comprises, enterprise, four hours, noise'),
    ).toEqual([])
  })
})
