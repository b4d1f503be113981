import { describe, expect, test } from 'vitest'
import { testServerOf } from '../../helpers/servers/servers.ts'
import { versionsInTurn } from '../../helpers/servers/turns.ts'
import { migration, withStages } from '../../helpers/tool/stage.ts'

const openStage = withStages()

const tables = [
  'CREATE TABLE r (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20));',
  'CREATE TABLE l (k VARCHAR(9) NOT NULL PRIMARY KEY) PARTITION BY LIST COLUMNS (k) (PARTITION pa VALUES IN ("a"), PARTITION pb VALUES IN ("b"));',
]

describe.each(versionsInTurn(import.meta.url))(
  'partitions that were added or dropped by hand on MySQL %s',
  (version) => {
    test('are dropped and added, not written anew', async () => {
      const { url } = await testServerOf(version)
      const stage = await openStage({ url, files: { 'app/0001_t.sql': migration(tables.join('\n')) } })
      expect((await stage.run(['migrate', '--yes'])).exitCode).toBe(0)
      const reverted = async (...args: readonly string[]): Promise<string> => {
        const { exitCode, stdout, stderr } = await stage.run(['drift', '--revert', '--yes', ...args])
        return `${exitCode} ${stdout}${stderr}`
      }
      const shown = async (): Promise<string> => (await stage.run(['drift', '--sql'])).stdout

      await stage.query(
        'ALTER TABLE r ADD PARTITION (PARTITION p2 VALUES LESS THAN (30), PARTITION `p 3` VALUES LESS THAN MAXVALUE)',
      )
      await stage.query('ALTER TABLE l ADD PARTITION (PARTITION pc VALUES IN ("c"))')
      expect(await shown()).toContain('DROP PARTITION `p2`, `p 3`')
      expect(await shown()).toContain('DROP PARTITION `pc`')
      expect(await shown()).not.toContain('PARTITION BY')
      expect(await reverted()).toMatch(/^2 [\s\S]*DROP_PARTITION/)
      expect(await reverted('--allow', 'DROP_PARTITION')).toMatch(/^0 /)
      expect((await stage.run(['drift'])).exitCode).toBe(0)

      await stage.query('ALTER TABLE r DROP PARTITION p1')
      await stage.query('ALTER TABLE l DROP PARTITION pb')
      expect(await shown()).toMatch(/ADD PARTITION \(PARTITION `?p1`? VALUES LESS THAN \(20\)/)
      expect(await reverted()).toMatch(/^0 /)
      expect((await stage.run(['drift'])).exitCode).toBe(0)

      // One in the middle is not at the end.
      await stage.query(
        'ALTER TABLE r REORGANIZE PARTITION p1 INTO (PARTITION px VALUES LESS THAN (15), PARTITION p1 VALUES LESS THAN (20))',
      )
      expect(await shown()).toContain('PARTITION BY RANGE')
      expect(await reverted()).toMatch(/^0 /)
      expect((await stage.run(['drift'])).exitCode).toBe(0)
    })
  },
)
