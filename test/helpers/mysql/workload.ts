/** A statement of an application, and how it names `users.nick`: null where it does not. */
export interface WorkStatement {
  readonly sql: string
  readonly names: 'name' | 'all' | null
  /** True for one that a replica takes, too. */
  readonly reads: boolean
}

export const workTables = `CREATE TABLE users (id INT AUTO_INCREMENT PRIMARY KEY, nick VARCHAR(50), name VARCHAR(50), status INT, score INT, KEY nicks (nick));
CREATE TABLE friends (id INT PRIMARY KEY, user_id INT, nick VARCHAR(50), note TEXT);
CREATE TABLE orders (id INT PRIMARY KEY, user_id INT, total INT, note TEXT);`

type Shape = readonly [sql: (alias: string) => string, names: WorkStatement['names']]

const reading: readonly Shape[] = [
  // By name: plain, qualified, by an alias, in every clause.
  [(a) => `SELECT nick AS ${a} FROM users`, 'name'],
  [(a) => `SELECT u.nick ${a} FROM users u WHERE u.id = 4`, 'name'],
  [(a) => `SELECT users.nick AS ${a} FROM users`, 'name'],
  [(a) => `SELECT id AS ${a} FROM users WHERE nick = 'ann'`, 'name'],
  [(a) => `SELECT id AS ${a} FROM users ORDER BY nick LIMIT 3`, 'name'],
  [(a) => `SELECT COUNT(*) AS ${a} FROM users GROUP BY nick`, 'name'],
  [(a) => `SELECT COUNT(DISTINCT nick) AS ${a} FROM users`, 'name'],
  [(a) => `SELECT o.id AS ${a} FROM orders o JOIN users u ON u.id = o.user_id WHERE u.nick LIKE 'b%'`, 'name'],
  [(a) => `SELECT o.id AS ${a} FROM orders o LEFT JOIN users USING (id) WHERE nick IS NULL`, 'name'],
  [(a) => `SELECT id AS ${a} FROM orders WHERE user_id IN (SELECT id FROM users WHERE nick = 'x')`, 'name'],
  [(a) => `SELECT (SELECT nick FROM users WHERE id = o.user_id) AS ${a} FROM orders o`, 'name'],
  [(a) => `SELECT d.${a} FROM (SELECT nick AS ${a} FROM users) d`, 'name'],
  [(a) => `WITH c AS (SELECT nick AS ${a} FROM users) SELECT ${a} FROM c`, 'name'],
  [(a) => `SELECT id AS ${a} FROM orders UNION SELECT nick FROM users`, 'name'],
  [(a) => `SELECT CONCAT(UPPER(nick), '-', name) AS ${a} FROM users`, 'name'],
  [(a) => `SELECT CASE WHEN nick IS NULL THEN name ELSE nick END AS ${a} FROM users`, 'name'],
  [(a) => `SELECT id AS ${a}, ROW_NUMBER() OVER (PARTITION BY nick ORDER BY id) FROM users`, 'name'],
  [(a) => `SELECT f.id AS ${a} FROM friends f JOIN users u ON f.nick = u.nick`, 'name'],
  [(a) => `SELECT f.id AS ${a} FROM friends f JOIN users u USING (nick)`, 'name'],
  [(a) => `SELECT f.id AS ${a} FROM friends f WHERE EXISTS (SELECT 1 FROM users WHERE nick = f.nick)`, 'name'],
  [(a) => `SELECT id AS ${a} FROM users WHERE id IN (${list(400)}) AND nick = 'long'`, 'name'],
  [(a) => `SELECT nick AS ${a} FROM users WHERE id IN (${list(400)})`, 'name'],
  // By all columns.
  [(a) => `SELECT *, 1 AS ${a} FROM users`, 'all'],
  [(a) => `SELECT u.*, o.total AS ${a} FROM users u JOIN orders o ON o.user_id = u.id`, 'all'],
  [(a) => `SELECT x.id AS ${a} FROM (SELECT * FROM users) x`, 'all'],
  // What looks alike and names it not.
  [(a) => `SELECT name AS ${a} FROM users`, null],
  [(a) => `SELECT nick AS ${a} FROM friends`, null],
  [(a) => `SELECT f.nick AS ${a} FROM friends f JOIN users u ON u.id = f.user_id`, null],
  [(a) => `SELECT 'nick' AS ${a} FROM users`, null],
  [(a) => `SELECT id AS ${a} FROM users WHERE name = 'nick of users'`, null],
  [(a) => `SELECT id AS ${a} /* users.nick */ FROM users -- nick`, null],
  [(a) => `SELECT name AS nick, id AS ${a} FROM users ORDER BY nick`, null],
  [(a) => `SELECT name nick, id ${a} FROM users`, null],
  [(a) => `SELECT o.*, 2 AS ${a} FROM orders o JOIN users u ON u.id = o.user_id`, null],
  [(a) => `SELECT COUNT(*) AS ${a} FROM users WHERE status = 1`, null],
  [(a) => `SELECT score * status AS ${a} FROM users`, null],
  [(a) => `SELECT o.id AS ${a} FROM orders o WHERE EXISTS (SELECT * FROM users u WHERE u.id = o.user_id)`, null],
  [(a) => `SELECT id AS ${a} FROM users WHERE id IN (SELECT user_id FROM friends WHERE nick = 'y')`, null],
  [(a) => `SELECT note AS ${a} FROM orders WHERE note LIKE '%users.nick%'`, null],
  [(a) => `SELECT d.nick AS ${a} FROM (SELECT name AS nick FROM users) d`, null],
  [(a) => `SELECT @nick AS ${a} FROM users`, null],
  [(a) => `SELECT id AS ${a} FROM users FORCE INDEX (nicks) WHERE id = 1`, null],
]

const writing: readonly Shape[] = [
  [(a) => `UPDATE users AS ${a} SET nick = 'n' WHERE id = -1`, 'name'],
  [(a) => `UPDATE users ${a} JOIN orders o ON o.user_id = ${a}.id SET o.note = ${a}.nick WHERE o.id = -1`, 'name'],
  [(a) => `DELETE ${a} FROM users ${a} WHERE ${a}.nick = 'nobody'`, 'name'],
  [(a) => `INSERT INTO users (nick, name) SELECT 'm', note FROM orders ${a} WHERE ${a}.id = -1`, 'name'],
  [
    (a) =>
      `INSERT INTO users (id, name) SELECT id, note FROM orders ${a} WHERE id = -1 ON DUPLICATE KEY UPDATE nick = 'dup'`,
    'name',
  ],
  [(a) => `INSERT INTO users SELECT id, note, note, 1, 1 FROM orders ${a} WHERE id = -1`, 'all'],
  [(a) => `UPDATE users AS ${a} SET name = 'nick' WHERE id = -1`, null],
  [(a) => `INSERT INTO users (name) SELECT nick FROM friends ${a} WHERE id = -1`, null],
  [(a) => `UPDATE friends AS ${a} SET nick = 'q' WHERE id = -1`, null],
  [(a) => `DELETE ${a} FROM friends ${a} WHERE ${a}.nick = 'none'`, null],
]

function list(length: number): string {
  return Array.from({ length }, (_, index) => index).join(',')
}

/** 300 different statements: 42 shapes that read six times, and ten that write, nearly five times. */
export const workload: readonly WorkStatement[] = [
  ...reading.flatMap((shape) => repeat(shape, 6, true)),
  ...writing.flatMap((shape) => repeat(shape, 5, false)),
].slice(0, 300)

function repeat([sql, names]: Shape, times: number, reads: boolean): readonly WorkStatement[] {
  return Array.from({ length: times }, (_, index) => ({ sql: sql(`x${index}`), names, reads }))
}
