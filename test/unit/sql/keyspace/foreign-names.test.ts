import { expect, it } from 'vitest'
import { findForeignName, usesSession } from '../../../../src/sql/keyspace/foreign-names.ts'
import { tokenize } from '../../../../src/sql/tokens.ts'

const find = (text: string) => findForeignName(tokenize(text), 'message_db')

it.each([
  'INSERT INTO messages (id, body) SELECT id, name FROM user_db.users',
  'UPDATE messages m JOIN user_db.users u ON u.id = m.id SET u.name = m.body',
  'DELETE u FROM user_db.users u JOIN messages m ON m.id = u.id',
  'DELETE user_db.users FROM messages, user_db.users',
  'UPDATE messages SET body = (SELECT name FROM `user_db`.`users` LIMIT 1)',
  'UPDATE messages SET body = (SELECT MAX(user_db.users.name) FROM messages)',
  'WITH one AS (SELECT id FROM user_db.users) DELETE FROM messages WHERE id IN (SELECT id FROM one)',
  'CREATE TABLE copies AS SELECT * FROM user_db.users',
  'ALTER TABLE messages ADD FOREIGN KEY (id) REFERENCES user_db.users (id)',
  'REPLACE INTO user_db.users VALUES (1)',
  'RENAME TABLE messages TO user_db.messages',
  'CREATE TABLE messages LIKE user_db . users',
  'UPDATE `user_db:0`.users SET name = 1',
  'TABLE user_db.users',
])('%s names another keyspace', (text) => {
  expect(find(text)).toMatchObject({ qualifier: expect.stringMatching(/^user_db/) })
})

it.each([
  'INSERT INTO messages (id, body) SELECT m.id + 10, m.body FROM messages m',
  'UPDATE messages m JOIN message_db.bodies b ON b.id = m.id SET m.body = b.text, message_db.bodies.text = NULL',
  'DELETE m FROM messages AS m JOIN bodies ON bodies.id = m.id WHERE m.id > 1.5',
  'DELETE m.* FROM message_db.messages m',
  'DELETE FROM m USING messages AS m WHERE m.id = 1',
  "INSERT INTO messages VALUES (1, 'user_db.users') AS new ON DUPLICATE KEY UPDATE body = CONCAT(new.body, messages.body)",
  'WITH a (id) AS (SELECT 1), b AS (SELECT a.id FROM a) UPDATE messages SET body = (SELECT b.id FROM b) WHERE messages.id = 1',
  'CREATE TABLE messages (id BIGINT PRIMARY KEY, body VARCHAR(20) COMMENT "of user_db.users")',
  'CREATE VIEW recent AS SELECT m.id FROM (SELECT id FROM messages) m',
  'INSERT INTO message_db.messages SELECT * FROM (SELECT x.id FROM messages x) y WHERE y.id IS NULL',
])('%s names its own alone', (text) => {
  expect(find(text)).toBeNull()
})

it.each([
  ['INSERT INTO t VALUES (last_insert_id())', true],
  ['SELECT GET_LOCK ("a", 1)', true],
  ["INSERT INTO t VALUES ('uses get_lock() and LAST_INSERT_ID(1)')", false],
  ['SELECT last_insert_id FROM t', false],
])('%s uses a session: %s', (text, expected) => {
  expect(usesSession(tokenize(text))).toBe(expected)
})
