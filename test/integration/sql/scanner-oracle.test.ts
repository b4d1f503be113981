import fc from 'fast-check'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { classifyStatement } from '../../../src/sql/classify.ts'
import { scan } from '../../../src/sql/scanner.ts'
import { tokenize } from '../../../src/sql/tokens.ts'
import { runClient, serverArguments } from '../../helpers/mysql/mysql-client.ts'
import { type QueryRecorder, recordQueries } from '../../helpers/mysql/query-recorder.ts'
import { createSchema, withSchema } from '../../helpers/servers/schema.ts'
import { testServer } from '../../helpers/servers/servers.ts'

/** What the client asks for itself when it connects. */
const ownQueries = new Set(['select @@version_comment limit 1', 'select $$'])

function split(text: string): string[] {
  return scan(text, { file: 'a.sql' }).flatMap((piece) => (piece.type === 'statement' ? [piece.text] : []))
}

/** A statement as its tokens, which leaves out blanks and comments; empty for text that is nothing else. */
function essence(text: string): string {
  return JSON.stringify(tokenize(text).map((token) => [token.type, token.text]))
}

function essences(texts: readonly string[]): string[] {
  return texts.map(essence).filter((text) => text !== '[]')
}

describe('the mysql client sends what the scanner splits', () => {
  let recorder: QueryRecorder

  beforeAll(async () => {
    recorder = await recordQueries(testServer().url)
  })
  afterAll(() => recorder.close())

  async function received(script: string, comments: boolean): Promise<string[]> {
    const url = `mysql://root@127.0.0.1:${recorder.port}`
    const mode = comments ? '--comments' : '--skip-comments'
    const run = await runClient(
      'mysql',
      [...serverArguments(url), '--ssl-mode=DISABLED', '--batch', '--force', mode],
      script,
    )
    const queries = recorder.take()
    if (queries.length === 0) throw new Error(run.stderr)
    return queries.filter((query) => !ownQueries.has(query))
  }

  async function expectSame(script: string): Promise<void> {
    const expected = essences(split(script))
    for (const comments of [true, false]) {
      expect(essences(await received(script, comments)), `comments: ${comments}`).toEqual(expected)
    }
  }

  it.each([
    ["SELECT 'a;b', \"c;''d\", `e;``f`; SELECT 'it''s\\';' ;;\nSELECT 2"],
    ["SELECT 'x\\\\'; SELECT `a\\`; SELECT 3;"],
    ['SELECT 1 -- a;\n + 2; # b;\'\nSELECT 3 /* c; " */ + 4; SELECT 5--6; SELECT 7 --\n;'],
    ["/*!40101 SET NAMES utf8mb4 */; SELECT /*!50000 1 + */ 2 /*M! + 3 */; SELECT /*+ it's; */ 4;"],
    ['DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END//\ndelimiter ;\nSELECT 2;'],
    [
      "DELIMITER '$ $'\nSELECT 1; SELECT 2$ $\n  DeLiMiTeR \"'\"\nSELECT 3'SELECT 4'\nDELIMITER go now\nSELECT 5 go SELECT 6 GO go",
    ],
    ['/* a */ SELECT 1; /* only */; -- only\n;\n# only\n;'],
    ['\ufeffSELECT 1;\r\nDELIMITER //\r\nSELECT 2;//\r\nDELIMITER ;\r\nSELECT\r\n3\r\n'],
    ['SELECT 1\nDELIMITER // ;\nSELECT 2;'],
    ['SELECT 消息, "😀;";SELECT `名;字`'],
    ['--1;SELECT 2;\n--x\nSELECT 3;'],
    ['SELECT 1 --;\nSELECT 2'],
  ])('%s', expectSame)

  it('for scripts made at random', { timeout: 120_000 }, async () => {
    const seed = Math.floor(Math.random() * 0x7fffffff)
    console.log(`scanner oracle: seed ${seed}`)
    await fc.assert(fc.asyncProperty(script, expectSame), { seed, numRuns: 60 })
  })
})

/**
 * What a statement is made of; no part holds a delimiter outside quotes and comments. Two mistakes of the client's own are
 * kept out by blanks: it takes the slash that ends an executable comment or hint for the beginning of a comment when a star
 * follows, and --skip-comments moves the blank that stands for a comment behind characters of several bytes and \N.
 */
const part = fc.constantFrom(
  ...[
    'SELECT',
    ' ',
    '\n',
    '\t',
    '\r\n',
    'a',
    '1',
    '--2',
    ' - 1',
    '*',
    '/ ',
    '(',
    ')',
    ',',
    '@a',
    ' 名 ',
    ' 😀 ',
    ' \\N ',
    '{{a:b}}',
  ],
  ...[
    "'a;b'",
    "'it''s'",
    "'\\''",
    "'\\\\'",
    "'//$$'",
    '"a;"',
    '"\\""',
    '"x""y"',
    '`a;b`',
    '`a``b`',
    '`\\`',
    "''",
    '""',
  ],
  ...[
    "'\n'",
    "'/* '",
    "' -- '",
    '/* a; // $$ */',
    "/* it's */",
    '/**/',
    '/*M! b */',
    '/*!50003 + 1 */ ',
    "/*! 'x' */ ",
    '/*+ h */ ',
  ],
  ...["/*+ it's; */ ", '-- a; // $$\n', "-- it's\n", '--\n', '# a; // $$\n', "#it's\n"],
)

const delimiter = fc.constantFrom(';', '//', '$$', 'go', ';;', 'x y')

const block = fc.record({ delimiter, statements: fc.array(fc.array(part, { maxLength: 8 }), { maxLength: 4 }) })

const script = fc.array(block, { maxLength: 4 }).map((blocks) =>
  blocks
    .map(({ delimiter: mark, statements }) => {
      const bodies = statements.map((parts) => `${parts.join('')} ${mark}\n`)
      return `DELIMITER '${mark}'\n${bodies.join('')}`
    })
    .join(''),
)

describe('a dump', () => {
  const schema = withSchema('oracle')

  beforeAll(async () => {
    const run = await runClient('mysql', [...serverArguments(schema().url), schema().name], oddSchema)
    if (run.exitCode !== 0) throw new Error(run.stderr)
  })

  async function dump(name: string, ...options: string[]): Promise<string> {
    const always = [
      '--skip-dump-date',
      '--skip-comments',
      '--hex-blob',
      '--set-gtid-purged=OFF',
      '--routines',
      '--triggers',
      '--events',
    ]
    const run = await runClient('mysqldump', [...serverArguments(schema().url), ...always, ...options, name])
    if (run.exitCode !== 0) throw new Error(run.stderr)
    return run.stdout
  }

  it.each([
    ['--skip-add-locks'],
    ['--skip-extended-insert'],
    ['--compact'],
    ['--complete-insert', '--skip-quote-names'],
  ])('made with %s, split and run statement by statement, gives what the client makes of it', async (...options) => {
    const text = await dump(schema().name, ...options)
    const [byClient, byScanner] = await Promise.all([createSchema('oracle'), createSchema('oracle')])
    try {
      const run = await runClient('mysql', [...serverArguments(byClient.url), byClient.name], text)
      expect(run.stderr).toBe('')
      const connection = await createConnection({ uri: byScanner.url, charset: 'utf8mb4' })
      for (const statement of split(text)) await connection.query(statement)
      await connection.end()
      const loaded = await dump(byScanner.name)
      expect(loaded).toBe(await dump(byClient.name))
      expect(loaded).toContain('CREATE DEFINER')
    } finally {
      await Promise.all([byClient.drop(), byScanner.drop()])
    }
  })

  it('has no statement that is refused, but for its table locks', async () => {
    const classes = split(await dump(schema().name)).map(classifyStatement)
    const refused = classes.filter((facts) => facts.class === 'refused').map((facts) => facts.verb)
    expect(new Set(refused)).toEqual(new Set(['LOCK TABLES', 'UNLOCK TABLES']))
    const named = classes.flatMap((facts) => facts.objects.map((object) => object.name))
    expect(named).toEqual(
      expect.arrayContaining(['odd `;` "name" -- \' # /* x', '消息', 'proc;1', 'fn', 'tr;1', 'ev;1', 'v;1']),
    )
  })

  it('has its table locks refused with the advice to leave them out', async () => {
    const lock = split(await dump(schema().name)).find((text) => /^LOCK/i.test(text))
    expect(classifyStatement(lock ?? '').refusal?.next).toContain('--skip-add-locks')
  })
})

const oddSchema = `
CREATE TABLE \`odd \`\`;\`\` "name" -- ' # /* x\` (
  id INT PRIMARY KEY,
  \`a;b\` VARCHAR(200) DEFAULT 'it''s; \\\\ "x" -- #' COMMENT 'a;b /* '' */',
  data BLOB
);
INSERT INTO \`odd \`\`;\`\` "name" -- ' # /* x\` VALUES
  (1, 'a;\\'b\\\\', X'00ff27'), (2, '-- x\n; # y', NULL), (3, '/* 😀 */ \\0 \\Z', ''), (4, '''', X'5c'), (5, '\\\\', 'it''s');
CREATE TABLE 消息 (id INT PRIMARY KEY, 父 INT, FOREIGN KEY (父) REFERENCES 消息 (id)) COMMENT '消息;表';
INSERT INTO 消息 VALUES (1, NULL), (2, 1);
CREATE VIEW \`v;1\` AS SELECT 'a;b' AS \`c;d\`, id FROM 消息;
CREATE VIEW \`v2\` AS SELECT * FROM \`v;1\`;
DELIMITER //
CREATE PROCEDURE \`proc;1\`(IN a INT) COMMENT 'it''s;'
BEGIN
  -- a comment; with a delimiter
  DECLARE b INT DEFAULT 1; # another;
  lbl: WHILE b < a DO
    SET b = b + 1; /* and ; another */
    IF b = 5 THEN LEAVE lbl; END IF;
  END WHILE;
  SELECT 'a;b', "c", b;
END//
CREATE FUNCTION fn(a INT) RETURNS VARCHAR(20) DETERMINISTIC
BEGIN
  RETURN CASE a WHEN 1 THEN 'one;' ELSE 'many' END;
END//
CREATE TRIGGER \`tr;1\` BEFORE INSERT ON 消息 FOR EACH ROW BEGIN SET NEW.父 = NULL; SET @x = ';'; END//
CREATE TRIGGER tr2 BEFORE UPDATE ON 消息 FOR EACH ROW SET NEW.父 = NULL//
CREATE EVENT \`ev;1\` ON SCHEDULE EVERY 1 YEAR DISABLE DO BEGIN DELETE FROM 消息 WHERE id = 0; SET @y = ';'; END//
DELIMITER ;
`
