import { expect, test } from 'vitest'
import { migration, type Stage, tableMigration, withStages } from '../../helpers/tool/stage.ts'

const open = withStages()

const recordedColumns = async ({ query }: Stage, table: string): Promise<readonly string[]> => {
  const [[definition] = []] = await query(`SELECT definition FROM wwdb_schema WHERE kind='table' AND name='${table}'`)
  return [...String(definition).matchAll(/^ {2}`(\w+)` /gm)].map(([, name = '']) => name)
}

test('a table that was read behind the packet that made it is recorded as later statements of the run leave it', async () => {
  const many = Array.from({ length: 40 }, (_, at) => [`app/${1001 + at}_t.sql`, tableMigration(`t${at}`)])
  const stage = await open({
    files: {
      ...Object.fromEntries(many),
      'app/1041_alter.sql': migration('ALTER TABLE t3 ADD COLUMN late INT;'),
      'app/1042_more.sql': tableMigration('u1'),
      'app/1043_call.sql': migration(
        'CREATE PROCEDURE p() ALTER TABLE u1 ADD COLUMN called INT;\nCALL p();\nDROP PROCEDURE p;',
      ),
      'app/1044_last.sql': tableMigration('u2'),
    },
  })
  expect(await stage.run(['migrate', '--yes'])).toMatchObject({ exitCode: 0 })
  expect(await recordedColumns(stage, 't3')).toEqual(['id', 'late'])
  expect(await recordedColumns(stage, 'u1')).toEqual(['id', 'called'])
  expect(await recordedColumns(stage, 'u2')).toEqual(['id'])
  expect(await stage.run(['drift'])).toMatchObject({ exitCode: 0 })
  await stage.query('ALTER TABLE t39 ADD COLUMN by_hand INT')
  const drift = await stage.run(['drift'])
  expect(drift.exitCode).toBe(1)
  expect(drift.stdout).toContain('by_hand')
})
