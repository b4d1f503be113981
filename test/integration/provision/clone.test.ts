import { type Connection, createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fingerprint } from '../../helpers/provision/provision-fingerprint.ts'
import { type ProvisionStage, withProvisionStages } from '../../helpers/provision/provision-project.ts'
import { isAvailable, type ServerVersion, testServerOf } from '../../helpers/servers/servers.ts'
import { migration } from '../../helpers/tool/stage.ts'

/** Of everything that a server can hold something: what a clone may lose is here. */
const files = {
  'shop/0002_all.sql': migration(`
CREATE TABLE \`odd \`\`name é\` (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, n INT NOT NULL DEFAULT 4, parent INT NULL, note VARCHAR(20) CHARACTER SET latin1 NOT NULL DEFAULT 'x',
  twice INT GENERATED ALWAYS AS (n * 2) STORED, thrice INT AS (n * 3) VIRTUAL, raw VARBINARY(8), doc JSON, at TIMESTAMP(3) NULL,
  amount DOUBLE, flags SET('a','b'), bits BIT(5), CONSTRAINT positive CHECK (n > 0), KEY by_twice (twice), FULLTEXT KEY words (note),
  CONSTRAINT own FOREIGN KEY (parent) REFERENCES \`odd \`\`name é\` (id) ON DELETE SET NULL) COMMENT 'it''s odd' AUTO_INCREMENT=7;
INSERT INTO \`odd \`\`name é\` (parent, note, raw, doc, at, amount, flags, bits) VALUES (NULL, 'ä', 0x00ff27, '{"a": [1.50, null]}', '2026-01-02 03:04:05.678', 0.1, 'a,b', b'10101');
INSERT INTO \`odd \`\`name é\` (parent, note) VALUES (7, ''), (8, 'three');
DELETE FROM \`odd \`\`name é\` WHERE note = 'three';
CREATE TABLE zeros (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, day DATE NOT NULL);
CREATE TABLE parts (id INT NOT NULL, y INT NOT NULL, PRIMARY KEY (id, y)) ROW_FORMAT=COMPRESSED PARTITION BY RANGE (y) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE);
INSERT INTO parts VALUES (1, 5), (2, 50);
CREATE TABLE ring_a (id INT PRIMARY KEY, b INT NULL);
CREATE TABLE ring_b (id INT PRIMARY KEY, a INT NULL, CONSTRAINT b_to_a FOREIGN KEY (a) REFERENCES ring_a (id));
INSERT INTO ring_a VALUES (1, 1);
INSERT INTO ring_b VALUES (1, 1);
ALTER TABLE ring_a ADD CONSTRAINT a_to_b FOREIGN KEY (b) REFERENCES ring_b (id);
CREATE VIEW z_first AS SELECT id, twice FROM \`odd \`\`name é\`;
CREATE VIEW a_second AS SELECT z.id, s.n FROM z_first z JOIN (SELECT COUNT(*) AS n FROM parts) s;
CREATE TRIGGER one BEFORE INSERT ON parts FOR EACH ROW SET NEW.y = NEW.y + 1;
CREATE TRIGGER another BEFORE INSERT ON parts FOR EACH ROW SET NEW.y = NEW.y * 2;
CREATE FUNCTION triple(n INT) RETURNS INT DETERMINISTIC RETURN n * 3;
`),
  'shop/0003_programs.sql': migration(`
DELIMITER //
CREATE PROCEDURE fill(IN n INT)
BEGIN
  DECLARE i INT DEFAULT 0;
  WHILE i < n DO INSERT INTO zeros (day) VALUES ('2026-01-01'); SET i = i + 1; END WHILE;
END//
DELIMITER ;
CREATE EVENT tidy ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' COMMENT 'later' DO DELETE FROM zeros;
`),
}

describe.runIf(isAvailable('mysql'))('on MySQL 9.7', () => proveClones('9.7'))
describe.runIf(isAvailable('mysql80'))('on MySQL 8.0', () => proveClones('8.0'))

function proveClones(version: ServerVersion): void {
  const open = withProvisionStages()
  let stage: ProvisionStage
  let connection: Connection

  beforeAll(async () => {
    const { url } = await testServerOf(version)
    connection = await createConnection({ uri: url, dateStrings: true, charset: 'utf8mb4' })
    stage = await open({ server: url, extra: files })
  })

  afterAll(async () => {
    await connection.end()
  })

  async function up(...words: readonly string[]): Promise<string> {
    const name = stage.name()
    const raised = await stage.run(['provision', 'up', '--name', name, ...words])
    expect(raised, raised.stderr).toMatchObject({ exitCode: 0 })
    return `wwdb_${name}_`
  }

  test('a clone is to the byte what its template is, and but for instants what a migration makes', async () => {
    const first = await up()
    const second = await up()
    const fresh = await up('--fresh')
    const print = (prefix: string, timeless: boolean) => fingerprint(connection, prefix, { timeless })
    const whole = await print(first, false)
    expect(Object.keys(whole).length).toBeGreaterThan(30)
    expect(await print(second, false)).toEqual(whole)
    expect(await print(first, true)).toEqual(await print(fresh, true))
  })

  test('a clone works: keys stay inside, triggers act, nothing is left to do', async () => {
    const prefix = await up()
    const keys = `SELECT DISTINCT REFERENCED_TABLE_SCHEMA FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA LIKE '${prefix.replaceAll('_', '\\_')}%' AND REFERENCED_TABLE_SCHEMA IS NOT NULL ORDER BY 1`
    const [schemas] = await connection.query({ sql: keys, rowsAsArray: true })
    expect(schemas).toEqual([[`${prefix}people`], [`${prefix}shop`]])
    await connection.query(`INSERT INTO ${prefix}shop.orders (person) VALUES (2)`)
    const [log] = await connection.query({
      sql: `SELECT text FROM ${prefix}shop.log ORDER BY id DESC LIMIT 1`,
      rowsAsArray: true,
    })
    expect(log).toEqual([['order 2']])
    await connection.query(`CALL ${prefix}shop.fill(2)`)
    const environment = { WWDB_PREFIX: prefix }
    for (const command of [
      ['status', '--exit-code'],
      ['shards', 'check'],
      ['check', 'references'],
    ]) {
      const run = await stage.run(command, { environment })
      expect(run, run.stdout).toMatchObject({ exitCode: 0 })
    }
    expect((await stage.run(['rotate', 'run'], { environment })).stdout).toContain('0 made')
    // The journal of the clone can take it back: what it names is the clone's.
    const back = await stage.run(['rollback', '--yes', '--steps', '1', '-t', 'people'], { environment })
    expect(`${back.stdout}${back.stderr}`).not.toContain('template')
  })

  test('any change of a definition makes another template; the same definitions find theirs', async () => {
    const before = await templateOf(await up())
    expect(await templateOf(await up())).toBe(before)
    stage.write('people/0002_more.sql', migration('ALTER TABLE people ADD COLUMN nick VARCHAR(20) NULL;'))
    const prefix = await up()
    const after = await templateOf(prefix)
    expect(after).not.toBe(before)
    const [columns] = await connection.query(`SHOW COLUMNS FROM ${prefix}people.people LIKE 'nick'`)
    expect(columns).toHaveLength(1)
    stage.remove('people/0002_more.sql')
    expect(await templateOf(await up())).toBe(before)
  })

  test('a template that was dropped by hand is created again', async () => {
    const template = await templateOf(await up())
    const prefix = `wwdb_${template.replace('/', '_')}_`
    await connection.query('SET foreign_key_checks = 0')
    await connection.query(`DROP DATABASE ${prefix}shop`)
    const [rows] = await connection.query(`SELECT name FROM ${await up()}people.people`)
    expect(rows).toHaveLength(2)
  })

  async function templateOf(prefix: string): Promise<string> {
    const [rows] = await connection.query({
      sql: 'SELECT template FROM wwdb_provision.sets WHERE prefix = ?',
      values: [prefix],
      rowsAsArray: true,
    })
    return String((rows as unknown as readonly (readonly unknown[])[])[0]?.[0])
  }
}
