import { describe, expect, test } from 'vitest'
import { parseCommandLine } from '../../../src/cli/program.ts'
import { commandsOf } from '../../../src/cli/registry.ts'
import { ToolError } from '../../../src/core/tool-error.ts'

interface Understood {
  readonly command: string
  readonly input: object
  readonly globals: object
}

/** Command lines and what they mean. Only what was given is there: defaults belong to commands and configuration. */
const understood: readonly (readonly [line: string, meaning: Understood])[] = [
  ['migrate', { command: 'migrate', input: {}, globals: {} }],
  ['migrate --dry-run', { command: 'migrate', input: { dryRun: true }, globals: {} }],
  ['migrate --steps 3', { command: 'migrate', input: { steps: 3 }, globals: {} }],
  ['migrate --steps=3', { command: 'migrate', input: { steps: 3 }, globals: {} }],
  ['migrate --allow a --allow b,c', { command: 'migrate', input: { allow: ['a', 'b', 'c'] }, globals: {} }],
  ['migrate --out-of-order warn', { command: 'migrate', input: { outOfOrder: 'warn' }, globals: {} }],
  ['--json status', { command: 'status', input: {}, globals: { json: true } }],
  ['status --json', { command: 'status', input: {}, globals: { json: true } }],
  ['status -qt user_db', { command: 'status', input: {}, globals: { quiet: true, target: ['user_db'] } }],
  // Words that are names of commands, too.
  ['-t migrate status', { command: 'status', input: {}, globals: { target: ['migrate'] } }],
  ['new lint', { command: 'new', input: { name: 'lint' }, globals: {} }],
  ['-t a status -t b,c', { command: 'status', input: {}, globals: { target: ['a', 'b', 'c'] } }],
  ['status --no-color', { command: 'status', input: {}, globals: { color: false } }],
  ['status --color', { command: 'status', input: {}, globals: { color: true } }],
  ['status --no-input -y', { command: 'status', input: {}, globals: { noInput: true, yes: true } }],
  ['status -j 4', { command: 'status', input: {}, globals: { concurrency: 4 } }],
  ['status --lock-timeout 0', { command: 'status', input: {}, globals: { lockTimeout: '0' } }],
  ['status --exit-code --pending', { command: 'status', input: { exitCode: true, pending: true }, globals: {} }],
  ['rollback --to 5 --yes', { command: 'rollback', input: { to: '5' }, globals: { yes: true } }],
  ['baseline 20260101000000', { command: 'baseline', input: { version: '20260101000000' }, globals: {} }],
  ['mark 7 --applied', { command: 'mark', input: { version: '7', applied: true }, globals: {} }],
  ['new add_locale --type ts', { command: 'new', input: { name: 'add_locale', type: 'ts' }, globals: {} }],
  ['init', { command: 'init', input: {}, globals: {} }],
  ['init a b', { command: 'init', input: { databases: ['a', 'b'] }, globals: {} }],
  ['db create', { command: 'db create', input: {}, globals: {} }],
  ['db drop --confirm x', { command: 'db drop', input: {}, globals: { confirm: 'x' } }],
  ['db wait --timeout 5m', { command: 'db wait', input: { timeout: '5m' }, globals: {} }],
  ['lock --json status', { command: 'lock status', input: {}, globals: { json: true } }],
  ['config show -e production', { command: 'config show', input: {}, globals: { env: 'production' } }],
  ['sandbox down --remove', { command: 'sandbox down', input: { remove: true }, globals: {} }],
  ['completion fish', { command: 'completion', input: { shell: 'fish' }, globals: {} }],
  ['help db create', { command: 'help', input: { command: ['db', 'create'] }, globals: {} }],
  ['new -- --odd', { command: 'new', input: { name: '--odd' }, globals: {} }],
]

/** Command lines that make no sense, and the sentences about them. */
const refused: readonly (readonly [line: string, what: string, rest: RegExp])[] = [
  ['statsu', '`wwdb` has no command `statsu`.', /^Did you mean `wwdb status`\? See `wwdb --help`\.$/],
  // The value of a flag is the name of a command, and is none here.
  ['-t lint statsu', '`wwdb` has no command `statsu`.', /^Did you mean `wwdb status`\? See `wwdb --help`\.$/],
  ['db pign', '`wwdb db` has no command `pign`.', /^Did you mean `wwdb db ping`\? See `wwdb db --help`\.$/],
  ['review', '`wwdb` has no command `review`.', /Did you mean `wwdb lint`\?/],
  ['db review', '`wwdb db` has no command `review`.', /Did you mean `wwdb lint`\?/],
  [
    'list',
    '`wwdb` has no command `list`.',
    /Did you mean `wwdb online list` or `wwdb retire list` or `wwdb shards list` or `wwdb provision list`\?/,
  ],
  // A suggestion runs nothing: commands that write are named as well.
  ['dump', '`wwdb` has no command `dump`.', /^Did you mean `wwdb schema dump`\? See `wwdb --help`\.$/],
  ...(
    [
      ['migrat', 'migrate'],
      ['rotat', 'rotate'],
      ['drft', 'drift'],
      ['grant', 'grants'],
      ['release', 'lock release'],
      ['protect', 'shards protect'],
    ] as const
  ).map(([word, meant]): [string, string, RegExp] => [
    word,
    `\`wwdb\` has no command \`${word}\`.`,
    new RegExp(`^Did you mean \`wwdb ${meant}\`\\? See \`wwdb --help\`\\.$`),
  ]),
  ['xyzzy', '`wwdb` has no command `xyzzy`.', /^See `wwdb --help`\.$/],
  ['db creat', '`wwdb db` has no command `creat`.', /^Did you mean `wwdb db create`\? See `wwdb db --help`\.$/],
  ['shards protct', '`wwdb shards` has no command `protct`.', /^Did you mean `wwdb shards protect`\?/],
  [
    'migrate --dryrun',
    '`wwdb migrate` has no flag `--dryrun`.',
    /^Did you mean `--dry-run`\? See `wwdb migrate --help`\.$/,
  ],
  ['migrate --jsn', '`wwdb migrate` has no flag `--jsn`.', /Did you mean `--json`\?/],
  ['--jsn migrate', '`wwdb` has no flag `--jsn`.', /Did you mean `--json`\?/],
  ['migrate --dry', '`wwdb migrate` has no flag `--dry`.', /See `wwdb migrate --help`/],
  ['migrate -x', '`wwdb migrate` has no flag `-x`.', /See `wwdb migrate --help`/],
  ['migrate extra', '`wwdb migrate` was given too many arguments: expected 0 arguments but got 1.', /See/],
  ['mark 5 6', '`wwdb mark` was given too many arguments: expected 1 argument but got 2.', /See/],
  ['baseline', '`wwdb baseline` needs VERSION.', /See `wwdb baseline --help`/],
  ['completion pwsh', '"pwsh" is not a valid value for SHELL.', /See `wwdb completion --help`/],
  ['--format xml status', '"xml" is not a valid value for `--format`.', /See/],
  ['migrate --steps x', '"x" is not a valid value for `--steps`.', /See/],
  ['migrate --steps -1', '"-1" is not a valid value for `--steps`.', /See/],
  ['migrate --steps 1.5', '"1.5" is not a valid value for `--steps`.', /See/],
  ['migrate --to', 'The flag `--to VERSION` needs a value.', /See `wwdb migrate --help`/],
  ['migrate --to --dry-run', '"--dry-run" is not a valid value for `--to`.', /See `wwdb migrate --help`/],
  ['drift --accept -y', 'The flag `--accept NAME` needs a value.', /See `wwdb drift --help`/],
  ['migrate --to 1 --steps 2', 'The flags `--to` and `--steps` cannot be given together.', /See/],
  ['mark 5 --applied --pending', 'The flags `--applied` and `--pending` cannot be given together.', /See/],
  ['status --quiet --verbose', 'The flags `--quiet` and `--verbose` cannot be given together.', /See/],
  ['status --json --format github', 'The flags `--json` and `--format` cannot be given together.', /See/],
]

function words(line: string): string[] {
  return line.split(' ').filter((word) => word !== '')
}

/** What a line is refused with. */
function refusal(line: string): ToolError {
  try {
    parseCommandLine(words(line), 100)
  } catch (error) {
    if (error instanceof ToolError) return error
    throw error
  }
  throw new Error(`"${line}" was understood`)
}

test('the commands of a family are listed where none is near', () => {
  const why = refusal('db xyzzy').faults[0]?.why
  expect(why).toMatch(/^It has (?:`[a-z-]+`, )+`[a-z-]+`\.$/)
  for (const { name } of commandsOf('db')) expect(why).toContain(`\`${name.replace('db ', '')}\``)
})

describe('a command line', () => {
  test.each(understood)('%s', (line, meaning) => {
    const invocation = parseCommandLine(words(line), 100)
    if (invocation.type !== 'run') throw new Error('it was answered with a text')
    expect({ command: invocation.entry.name, input: invocation.input, globals: invocation.globals }).toEqual(meaning)
  })

  test.each(refused)('is refused: %s', (line, what, next) => {
    const error = refusal(line)
    expect(error).toMatchObject({ code: 'USAGE', exitCode: 64 })
    expect(error.faults).toHaveLength(1)
    expect(error.faults[0]?.what).toBe(what)
    expect(error.faults[0]?.next).toMatch(next)
  })

  test.each([',', ' ', ''])('an empty list %j never means all', (list) => {
    expect(() => parseCommandLine(['rotate', 'run', '--family', list], 100)).toThrow(
      `"${list}" is not a valid value for \`--family\`.`,
    )
  })

  test('a wrong choice names the right ones', () => {
    expect(refusal('--format xml status').faults[0]?.why).toBe(
      'It must be one of human, json, github, sarif, gitlab, junit, html, markdown.',
    )
  })

  test.each(['--help', '-h', 'migrate --help', 'db --help', 'db create -h', '--version', '-V'])(
    'answers %s on stdout with 0',
    (line) => {
      expect(parseCommandLine(words(line), 100)).toMatchObject({ type: 'text', stream: 'out', exitCode: 0 })
    },
  )

  test.each(['', 'db', 'lock', 'config', 'sandbox'])('answers "%s" with help on stderr and 64', (line) => {
    const answer = parseCommandLine(words(line), 100)
    expect(answer).toMatchObject({ type: 'text', stream: 'err', exitCode: 64 })
    expect(answer.type === 'text' ? answer.content : '').toContain(
      `Usage: wwdb ${line === '' ? '' : `${line} `}COMMAND`,
    )
  })

  test('help of a command asked for together with nonsense is still help', () => {
    expect(parseCommandLine(['baseline', '--help'], 100)).toMatchObject({ type: 'text', stream: 'out', exitCode: 0 })
  })
})
