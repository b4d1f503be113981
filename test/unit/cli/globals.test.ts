import { describe, expect, test } from 'vitest'
import { flagsOf } from '../../../src/cli/command-entry.ts'
import { globalFlags } from '../../../src/cli/global-flags.ts'
import { guessGlobals, readGlobals } from '../../../src/cli/globals.ts'
import { commandEntries } from '../../../src/cli/registry.ts'
import { generalSettings } from '../../../src/config/settings.ts'

describe('the flags of every command', () => {
  test('have a meaning when none is given', () => {
    expect(readGlobals({}, {})).toMatchObject({
      file: null,
      environmentName: null,
      targets: [],
      cwd: null,
      format: 'human',
      quiet: false,
      verbose: false,
      debug: false,
      color: undefined,
      yes: false,
      confirm: null,
      noInput: false,
      allowProtected: false,
    })
  })

  test('that are settings go to the configuration as they were typed', () => {
    const given = {
      url: 'mysql://h',
      prefix: 'pr_',
      concurrency: 3,
      lockTimeout: '5',
      statementTimeout: '1m',
      logFile: 'wwdb.log',
    }
    expect(readGlobals(given, {}).settings).toEqual(given)
  })

  test('win over their variables', () => {
    const environment = { WWDB_FORMAT: 'github', WWDB_TARGET: 'a' }
    expect(readGlobals({ json: true, target: ['b'] }, environment)).toMatchObject({ format: 'json', targets: ['b'] })
    expect(readGlobals({ format: 'human' }, environment)).toMatchObject({ format: 'human', targets: ['a'] })
  })

  test('have variables', () => {
    const environment = { WWDB_FORMAT: 'json', WWDB_TARGET: ' a, b,', WWDB_DEBUG: '1', WWDB_NO_INPUT: 'true' }
    expect(readGlobals({}, environment)).toMatchObject({
      format: 'json',
      targets: ['a', 'b'],
      debug: true,
      noInput: true,
    })
  })

  test.each(['', '0', 'false', 'no', 'off', 'OFF'])('a switch’s variable can say no: %j', (value) => {
    expect(readGlobals({}, { WWDB_DEBUG: value, WWDB_NO_INPUT: value })).toMatchObject({ debug: false, noInput: false })
  })

  test('an impossible WWDB_FORMAT is wrong usage', () => {
    expect(() => readGlobals({}, { WWDB_FORMAT: 'xml' })).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        exitCode: 64,
        message: '"xml" is not a valid value for `WWDB_FORMAT`.',
      }),
    )
  })
})

describe('a line that cannot be understood', () => {
  test.each([
    [['migrate', '--jsonn'], 'human'],
    [['migrate', '--nope', '--json'], 'json'],
    [['--format', 'json', '--nope'], 'json'],
    [['--format=github', '--nope'], 'github'],
    [['--format', 'xml'], 'human'],
  ] as const)('%j still has a format: %s', (argv, format) => {
    expect(guessGlobals(argv, {}).format).toBe(format)
  })

  test('takes the variable, where that makes sense', () => {
    expect(guessGlobals(['--nope'], { WWDB_FORMAT: 'json' }).format).toBe('json')
    expect(guessGlobals(['--nope'], { WWDB_FORMAT: 'xml' }).format).toBe('human')
  })
})

test('every variable that help names is read by the code', () => {
  const named = [...flagsOf({ flags: globalFlags }), ...commandEntries.flatMap(flagsOf)].flatMap(
    (flag) => flag.environment ?? [],
  )
  const readByConfiguration = [...generalSettings.map(({ variable }) => variable), 'WWDB_CONFIG', 'WWDB_ENV']
  const readHere = ['WWDB_TARGET', 'WWDB_FORMAT', 'WWDB_DEBUG', 'WWDB_NO_INPUT', 'WWDB_REDIS']
  expect([...readByConfiguration, ...readHere]).toEqual(expect.arrayContaining(named))
})

test('every setting that has a flag here is one of the configuration’s, by the same name', () => {
  const flags = generalSettings.flatMap(({ flag, variable }) => (flag === null ? [] : [[flag.name, variable] as const]))
  const known = new Map(flags)
  const settings = [...flagsOf({ flags: globalFlags }), ...commandEntries.flatMap(flagsOf)].filter(
    ({ long, setting }) => setting === true || long in readGlobals({}, {}).settings,
  )
  expect(settings.length).toBeGreaterThan(2)
  for (const { long, environment } of settings) expect(known.get(`--${long}`)).toBe(environment)
})
