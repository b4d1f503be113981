import { describe, expect, test, vi } from 'vitest'
import { testServerOf } from '../helpers/servers/servers.ts'
import { versionsInTurn } from '../helpers/servers/turns.ts'
import { migration, type Stage, withStages } from '../helpers/tool/stage.ts'

const openStage = withStages()

const first = `CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE a (id INT PRIMARY KEY, p_id INT, CONSTRAINT fk_p FOREIGN KEY (p_id) REFERENCES p (id));
CREATE TABLE other (id INT PRIMARY KEY);
CREATE VIEW names AS SELECT id FROM a;
CREATE TRIGGER keeps BEFORE INSERT ON a FOR EACH ROW SET NEW.p_id = NEW.p_id;`

/** Everything that a replay has to make again: an index in the place of one that MySQL made, code, a table that is made and one that goes. */
const second = `ALTER TABLE a ADD y INT;
CREATE INDEX ix ON a (p_id, y);
CREATE TABLE made (id INT PRIMARY KEY, d DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE OR REPLACE VIEW names AS SELECT id, y FROM a;
SELECT SLEEP(60);
ALTER TABLE a ADD y2 INT;`

describe.each(versionsInTurn(import.meta.url))('a run that was killed half way on MySQL %s', (version) => {
  async function openKilled(): Promise<Stage> {
    const { url } = await testServerOf(version)
    const stage = await openStage({ url, files: { 'app/0001_a.sql': migration(first) } })
    expect(await stage.run(['migrate'])).toMatchObject({ exitCode: 0 })
    stage.write('app/0002_b.sql', migration(second))
    const run = stage.start(['migrate', '--no-probe'])
    const asleep = `SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP%' AND DB='${stage.schema('app')}'`
    const [[id] = []] = await vi.waitUntil(
      async () => {
        const rows = await stage.query(asleep)
        return rows.length > 0 ? rows : null
      },
      { timeout: 30_000, interval: 20 },
    )
    run.child.kill('SIGKILL')
    await run.ended
    await stage.query(`KILL ${String(id)}`)
    await vi.waitUntil(async () => (await stage.query(asleep)).length === 0, { timeout: 30_000, interval: 20 })
    // The other half of the file need not sleep.
    stage.write('app/0002_b.sql', migration(second.replace('SLEEP(60)', 'SLEEP(0)')))
    return stage
  }

  test('drift finds nothing where no hand changed anything, and the next run continues', async () => {
    const stage = await openKilled()
    const drift = await stage.run(['drift'])
    expect(drift, drift.stdout + drift.stderr).toMatchObject({ exitCode: 0, stderr: '' })
    const run = await stage.run(['migrate'])
    expect(run, run.stderr).toMatchObject({ exitCode: 0 })
    expect(run.stderr).not.toContain('not known')
    for (const args of [['drift'], ['drift', '--replay']])
      expect(await stage.run(args), args.join(' ')).toMatchObject({ exitCode: 0 })
  })

  test.each([
    ['a column more', ['ALTER TABLE a ADD handa INT'], 'handa'],
    ['an index less', ['ALTER TABLE a DROP INDEX ix, ADD INDEX by_hand (p_id)'], 'ix'],
    ['a table less that the run made', ['DROP TABLE made'], 'made'],
    ['a view in its old form', ['CREATE OR REPLACE VIEW names AS SELECT id FROM a'], 'names'],
  ])('%s is found by drift and by the next run, and taken back', async (_, byHand, name) => {
    const stage = await openKilled()
    for (const text of byHand) await stage.query(text)
    const drift = await stage.run(['drift'])
    expect(drift.exitCode, drift.stdout + drift.stderr).toBe(1)
    expect(drift.stdout).toContain(name)
    const refused = await stage.run(['migrate'])
    expect(refused.exitCode, refused.stdout + refused.stderr).toBe(2)
    expect(refused.stderr).toContain('DRIFT')
    const revert = ['drift', '--revert', '--yes', '--allow', 'drop-column', '--allow', 'drop-index']
    const reverted = await stage.run(revert)
    expect(reverted, reverted.stdout + reverted.stderr).toMatchObject({ exitCode: 0 })
    const run = await stage.run(['migrate'])
    expect(run, run.stdout + run.stderr).toMatchObject({ exitCode: 0 })
    for (const args of [['drift'], ['drift', '--replay']]) {
      const end = await stage.run(args)
      expect(end, `${args.join(' ')}: ${end.stdout}`).toMatchObject({ exitCode: 0 })
    }
  })
})
