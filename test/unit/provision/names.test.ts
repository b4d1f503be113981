import { describe, expect, test } from 'vitest'
import { Secret } from '../../../src/config/secret.ts'
import { parseServerUrl } from '../../../src/config/server-url.ts'
import { configOfEnvironment } from '../../../src/provision/create-environment.ts'
import {
  checkEnvironmentName,
  isMadeUp,
  makeUpName,
  variablesOf,
  writeEnvironment,
} from '../../../src/provision/variables.ts'
import { configOf } from '../../helpers/migrations/engine.ts'

const databases = [{ name: 'user_db' }]

describe('a name of a test environment', () => {
  test.each(['a', 'pr_123', 'x'.repeat(32)])('may be %s', (name) => {
    expect(() => checkEnvironmentName(name, databases)).not.toThrow()
  })

  test.each([
    '',
    'A',
    '1a',
    'a-b',
    'a b',
    'a`; DROP SCHEMA mysql; --',
    '../a',
    'a\u0000',
    'é',
    'template/abc',
    'x'.repeat(33),
  ])('may not be %j', (name) => {
    expect(() => checkEnvironmentName(name, databases)).toThrow(/is not a valid name of a test environment/)
  })

  test('may not make a schema longer than MySQL takes', () => {
    const long = [{ name: 'x'.repeat(40) }]
    expect(() => checkEnvironmentName('a'.repeat(18), long)).not.toThrow()
    expect(() => checkEnvironmentName('a'.repeat(19), long)).toThrow(/65 characters long; MySQL allows 64/)
  })
})

test('a made-up name is one that no hand types, and may be numbered', () => {
  const names = Array.from({ length: 200 }, makeUpName)
  expect(new Set(names).size).toBe(names.length)
  for (const name of names) {
    expect(isMadeUp(name) && isMadeUp(`${name}_3`), name).toBe(true)
    expect(() => checkEnvironmentName(`${name}_1000`, databases)).not.toThrow()
  }
})

describe('the variables of a test environment', () => {
  test('one server: its URL once, and one with the schema for each database', () => {
    const text = writeEnvironment(variablesOf(configOf(['a', 'b']), { name: 'x', prefix: 'wwdb_x_' }, false), 'env')
    expect(text).toContain('WWDB_PREFIX=wwdb_x_\n')
    expect(text).toMatch(/^WWDB_URL=mysql:\/\/[^/]*\n/)
    expect(text).toMatch(/A_URL=mysql:\/\/.*\/wwdb_x_a\nB_URL=mysql:\/\/.*\/wwdb_x_b\n$/)
  })

  test('a database whose schema has another name gets the variable of its schema, with the prefix', () => {
    const project = configOf(['a', 'b'])
    const renamed = { ...project, databases: project.databases.map((one) => ({ ...one, schema: `my_${one.name}` })) }
    expect(variablesOf(renamed, { name: 'x', prefix: 'wwdb_x_' }, false)).toContainEqual({
      name: 'WWDB_A_SCHEMA',
      value: 'a',
    })
    expect(
      variablesOf({ ...renamed, prefix: 'my_' }, { name: 'x', prefix: 'wwdb_x_' }, false).map(({ name }) => name),
    ).not.toContain('WWDB_A_SCHEMA')
  })

  test('several servers: a URL for each, and passwords only where they are asked for', () => {
    const project = configOf(['a', 'b'])
    const databases = project.databases.map((one, index) => ({
      ...one,
      server: {
        ...one.server,
        port: 3306 + index,
        label: `h:${3306 + index}`,
        user: 'us er',
        password: new Secret('p@/?#%'),
      },
    }))
    const whole = variablesOf({ ...project, databases }, { name: 'x', prefix: 'wwdb_x_' }, true)
    expect(whole.map(({ name }) => name)).toEqual([
      'WWDB_A_URL',
      'WWDB_B_URL',
      'WWDB_PREFIX',
      'WWDB_SET',
      'A_URL',
      'B_URL',
    ])
    expect(parseServerUrl(whole[4]?.value ?? '')).toMatchObject({
      server: { user: 'us er', password: 'p@/?#%', schema: 'wwdb_x_a', port: 3306 },
    })
    expect(
      JSON.stringify(variablesOf({ ...project, databases }, { name: 'x', prefix: 'wwdb_x_' }, false)),
    ).not.toContain('%40')
  })

  test('as JSON, for GitHub, and in quotes where a shell would see something', () => {
    const variables = [{ name: 'URL', value: "mysql://a@h/x?socket=/it's" }]
    expect(JSON.parse(writeEnvironment(variables, 'json'))).toEqual({ URL: variables[0]?.value })
    expect(writeEnvironment(variables, 'github')).toBe(`URL=${variables[0]?.value}\n`)
    expect(writeEnvironment(variables, 'env')).toBe(`URL='mysql://a@h/x?socket=/it'\\''s'\n`)
  })
})

test('a test environment has the databases of the project, in schemas of its own', () => {
  const config = configOfEnvironment(configOf(['a', 'b'], { prefix: 'dev_' }), 'wwdb_x_')
  expect(config.prefix).toBe('wwdb_x_')
  expect(config.databases.map(({ schema }) => schema)).toEqual(['wwdb_x_a', 'wwdb_x_b'])
})
