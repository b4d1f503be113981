import { describe, expect, test } from 'vitest'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { withDatabase } from './support/database.ts'
import { withFrozenTool } from './support/frozen-tool.ts'
import { withFixture } from './support/with-fixture.ts'

const versions = versionsInTurn(import.meta.url)
const launcher = withFrozenTool()

const files = {
  'migrations/app/1_call.sql': '-- migrate:up\nCALL work();\n',
}

/** A procedure that fails as a deadlock does, as often as `fails` says, after it ended transactions of its own or none. */
const setUp = (before: string, after: string, fails: number): string => `
CREATE TABLE log (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY);
CREATE PROCEDURE work()
BEGIN
  SET @calls = IFNULL(@calls, 0) + 1;
  ${before}
  INSERT INTO log VALUES ();
  ${after}
  IF @calls <= ${fails} THEN SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'Deadlock found'; END IF;
END;`

describe.each(versions)('a procedure that is chosen in a deadlock on MySQL %s', (version) => {
  const { fixture } = withFixture({ version, launcher, files })

  const countOf = (schema: string): Promise<number> =>
    withDatabase(fixture().urlOf(schema), async (database) => (await database.rows('SELECT id FROM log')).length)

  test('is called again where nothing of it was committed', async () => {
    const schema = await fixture().createSchema(setUp('', '', 1))
    expect(await fixture().run(['migrate'], schema)).toMatchObject({ exitCode: 0 })
    expect(await countOf(schema)).toBe(1)
  })

  test.each([
    ['it committed on its own', ''],
    ['it rolled back first, and with it the mark that it had begun', 'ROLLBACK;'],
  ])('is not called again after %s: a person must say whether it ran', async (_, before) => {
    const schema = await fixture().createSchema(setUp(before, 'COMMIT;', 1))
    const run = await fixture().run(['migrate'], schema)
    expect(run).toMatchObject({ exitCode: 2 })
    expect(await countOf(schema)).toBe(1)
    const again = await fixture().run(['migrate'], schema)
    expect(again).toMatchObject({ exitCode: 2 })
    expect(again.stderr).toContain('wwdb repair --ran app/1:1')
    expect(await countOf(schema)).toBe(1)
    expect(await fixture().run(['repair', '--ran', 'app/1:1', '--yes'], schema)).toMatchObject({ exitCode: 0 })
    expect(await fixture().run(['migrate'], schema)).toMatchObject({ exitCode: 0 })
    expect(await countOf(schema)).toBe(1)
  })
})
