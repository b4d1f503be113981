import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import published from '../../../schemas/config.schema.json' with { type: 'json' }
import { flagsOf } from '../../../src/cli/command-entry.ts'
import { globalFlags } from '../../../src/cli/global-flags.ts'
import { commandEntries } from '../../../src/cli/registry.ts'
import type { Config } from '../../../src/config/config.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { listMeaningVariables } from '../../../src/config/session-variables.ts'
import { databaseSettings, defaultSettings, generalSettings, storeSettings } from '../../../src/config/settings.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import { pinSession } from '../../../src/mysql/pinned-session.ts'

interface Example {
  readonly language: string
  readonly text: string
}

const page = await readFile(new URL('../../../docs/reference/configuration.md', import.meta.url), 'utf8')
const examples: readonly Example[] = [...page.matchAll(/^```(.+)\n([\s\S]*?)^```$/gm)].map((match) => ({
  language: match[1] ?? '',
  text: match[2] ?? '',
}))

/** What the examples ask of their surroundings. */
const environment = { DB_PASSWORD: 'x', PRODUCTION_URL: 'mysql://migrator@production' }
const files = ['tls/ca.pem', 'tls/client.pem', 'tls/client-key.pem', 'secrets/monitor']

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wwdb-examples-'))
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), 'content')
  }
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function load(example: Example, name: string, environmentName: string | null): Promise<Config> {
  const file = join(folder, name)
  await writeFile(file, example.text)
  return loadConfig({ cwd: folder, file, environmentName, flags: {}, environment })
}

function named(language: string): readonly Example[] {
  return examples.filter((example) => example.language === language)
}

describe('the examples of docs/reference/configuration.md', () => {
  it('are JSON, one module, and one wrong configuration with what it says', () => {
    expect(examples.map((example) => example.language)).toEqual([
      'json',
      'json',
      'json',
      'json',
      'json',
      'json',
      'js',
      'json wrong',
      'text',
    ])
  })

  it.each(named('json').map((example, index) => [index, example] as const))('load: %d', async (index, example) => {
    const document = JSON.parse(example.text)
    for (const environmentName of [null, ...Object.keys(document.environments ?? {})]) {
      const config = await load(example, `${index}.json`, environmentName)
      expect(config.databases.map((database) => database.name)).toEqual(Object.keys(document.databases))
    }
    expect(z.fromJSONSchema(JSON.parse(JSON.stringify(published))).safeParse(document).success).toBe(true)
  })

  it.each(named('js'))('load as a module', async (example) => {
    const servers = async (environmentName: string | null): Promise<readonly string[]> => {
      const { databases } = await load(example, `${environmentName}.mjs`, environmentName)
      return databases.map(({ name, server }) => `${name} ${server.label}`)
    }
    expect(await servers(null)).toEqual(['user_db 127.0.0.1:13306', 'message_db 127.0.0.1:13306'])
    expect(await servers('ci')).toEqual(['user_db mysql:3306', 'message_db mysql:3306'])
  })

  it.each(named('json wrong'))('say what is wrong', async (example) => {
    const error = await load(example, 'wrong.json', null).catch((reason: unknown) => reason)
    const faults = error instanceof ToolError ? error.faults : []
    expect(`${faults.map(({ what, next }) => `${what} ${next}`).join('\n')}\n`).toBe(named('text')[0]?.text)
  })
})

describe('the tables of docs/reference/configuration.md', () => {
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.replaceAll('`', '').trim()),
    )
  const groups = [...globalFlags, ...commandEntries.flatMap((entry) => entry.flags)]
  const flags = new Set(flagsOf({ flags: groups }).map((flag) => `--${flag.long}`))

  it('hold every setting with its variable, flag and default', () => {
    const defaults = defaultSettings([])
    const expected = generalSettings.map(({ path, variable, flag }) => {
      const name = flag !== null && flags.has(flag.name) ? flag.name : ''
      return [path, variable, name, String(defaults.get(path) ?? '')]
    })
    const special = {
      concurrency: 'the number of databases, at most 8',
      'tls.verify': 'true',
      'drift.migrate': 'fail',
    }
    const withSpecial = expected.map((row) => [
      ...row.slice(0, 3),
      Object.entries(special).find(([path]) => path === row[0])?.[1] ?? row[3],
    ])
    expect(rows.filter((row) => row.length === 5).map((row) => row.slice(0, 4))).toEqual(withSpecial)
  })

  it('hold every setting of a database with its variable', () => {
    const expected = databaseSettings('user_db').map(({ path, variable }) => [path, variable])
    const shown = rows.filter(([path = '']) => path.startsWith('databases.')).map((row) => row.slice(0, 2))
    // Parts that no variable gives.
    const parts = [
      'targets',
      'vitess.journal',
      'vitess.ddlStrategy',
      'vitess.vtctld',
      'vitess.vtctldclient',
      'vitess.scratchUrl',
      'tls',
    ]
    expect(shown).toEqual([...expected, ...parts.map((part) => [`databases.user_db.${part}`, ''])])
  })

  it('hold every setting of a store with its variable', () => {
    const expected = storeSettings('elasticsearch').map(({ path, variable }) => [path, variable])
    const shown = rows.filter(([path = '']) => path.startsWith('stores.')).map((row) => row.slice(0, 2))
    expect(shown).toEqual(expected)
  })
})

describe('the values of sessions in docs/reference/configuration.md', () => {
  const text = pinSession(5000)
  const own = ['session.sqlMode', 'session.timeZone', 'timeouts.lockWait']

  const meaning = listMeaningVariables(new Map())

  it('are all that are pinned, and no others', () => {
    const shown = [...page.matchAll(/^\| ([a-z_, ]+) \| ([^|]+) \|$/gm)].filter(([, name = '']) =>
      /_|^autocommit$|^timestamp$/.test(name),
    )
    const documented = shown.flatMap(([, names = '', value = '']) => names.split(', ').map((name) => [name, value]))
    const chosen = new Set(meaning.map(([name]) => name))
    const pinned = [...text.matchAll(/([a-z_0-9]+)='?([^,' ]+)/g)].flatMap(([, name = '']) =>
      chosen.has(name) ? [] : [name],
    )
    expect(documented.map(([name]) => name).toSorted()).toEqual(pinned.toSorted())
    for (const [name = '', value = ''] of documented)
      if (!own.some((setting) => value.includes(setting))) expect(text).toMatch(new RegExp(`${name}='?${value}\\b`))
  })

  it('are those of session.variables, each with its default and its form', () => {
    const forms = { switch: 'true or false', number: 'number', word: 'name' }
    const shown = [...page.matchAll(/^\| ([a-z_0-9]+) \| `([^`]+)` \| (true or false|number|name) \|$/gm)]
    expect(shown.map(([, ...cells]) => cells)).toEqual(
      meaning.map(([name, { form, standard }]) => {
        const value = form === 'switch' ? String(standard === '1') : standard === '' ? '""' : standard
        return [name, value, forms[form]]
      }),
    )
  })
})
