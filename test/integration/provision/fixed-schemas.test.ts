import { expect, test } from 'vitest'
import { withProvisionStages } from '../../helpers/provision/provision-project.ts'
import { migration } from '../../helpers/tool/stage.ts'

const open = withProvisionStages()

test.each([
  ['migration', (schema: string) => ({ 'shop/0002_named.sql': migration(`INSERT INTO ${schema}.notes VALUES (1);`) })],
  ['seed', (schema: string) => ({ 'seeds/shop/010_named.sql': `DELETE FROM \`${schema}\`.notes;\n` })],
])(
  'a %s that names a schema changes nothing in it where a test environment is made, and nothing is made',
  async (_, files) => {
    const stage = await open()
    const [set, other] = [stage.name(), `${stage.prefix}other`]
    await stage.query(`CREATE DATABASE ${other}`)
    await stage.query(`CREATE TABLE ${other}.notes (id INT)`)
    await stage.query(`INSERT INTO ${other}.notes VALUES (8)`)
    for (const [name, text] of Object.entries(files(other))) stage.write(name, text)
    const up = await stage.run(['provision', 'up', '--name', set])
    const left = await stage.query(`SELECT id FROM ${other}.notes`)
    await stage.query(`DROP DATABASE ${other}`)
    expect(left).toEqual([[8]])
    expect(up).toMatchObject({ exitCode: 2, stdout: '' })
    expect(up.stderr.replace(/\s+/g, ' ')).toMatch(/names the schema `\w+other`.*_named\.sql:\d+.*\{\{schema:NAME\}\}/)
    expect(await stage.schemas(set)).toEqual([])
  },
)
