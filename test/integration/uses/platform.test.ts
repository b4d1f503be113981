import { cpSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import type { UsesResult } from '../../../src/uses/commands/uses-view.ts'
import { startServer } from '../../helpers/servers/servers.ts'
import { withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()
const root = resolve(import.meta.dirname, '../../..')
const databases = ['user_db', 'instance_db', 'message_db', 'contact_db', 'monitor_db']

test('no table of the platform is named by what wwdb itself has sent', async () => {
  const server = await startServer({ version: '9.7' })
  try {
    const stage = await openStage({ url: server.url, databases, configuration: { rotation: { archive: 'archives' } } })
    for (const folder of ['migrations', 'seeds', 'shard-templates'])
      cpSync(join(root, folder), join(stage.folder, folder), { recursive: true })
    for (const words of [['migrate', '--yes'], ['rotate', 'run', '--yes'], ['seed'], ['plan'], ['check', 'references']])
      expect(await stage.run(words), words.join(' ')).toMatchObject({ exitCode: 0 })
    const named: string[] = []
    let looked = 0
    for (const database of databases)
      for (const table of await stage.tables(database)) {
        if (table.startsWith('wwdb_')) continue
        looked += 1
        const { answer } = await stage.json(['uses', `${database}.${table}`])
        const { statements } = answer as unknown as UsesResult
        named.push(...statements.map(({ text }) => `${database}.${table}: ${text.slice(0, 200)}`))
      }
    console.log(`${looked} tables of the platform, ${named.length} statements that name one`)
    expect(looked).toBeGreaterThan(10)
    expect(named).toEqual([])
  } finally {
    await server.stop()
  }
})
