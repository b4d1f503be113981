import { describe, expect, test } from 'vitest'
import { maskPasswords } from '../../../src/sql/mask-passwords.ts'

describe('a password in a statement', () => {
  test.each([
    ["CREATE USER 'app'@'%' IDENTIFIED BY 'hunter2'", "CREATE USER 'app'@'%' IDENTIFIED BY '***'"],
    [`ALTER USER app identified with caching_sha2_password by "hunter2" REPLACE 'hunter2'`, "'***' REPLACE '***'"],
    ["CREATE USER a IDENTIFIED WITH mysql_native_password AS '*hunter2'", "AS '***'"],
    ["SET PASSWORD = 'hunter2'", "SET PASSWORD = '***'"],
    ["SET PASSWORD FOR 'app'@'%' = 'hunter2'", "FOR 'app'@'%' = '***'"],
    [
      "CHANGE REPLICATION SOURCE TO SOURCE_HOST='h', SOURCE_PASSWORD='hunter2'",
      "SOURCE_HOST='h', SOURCE_PASSWORD='***'",
    ],
    ["CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (USER 'u', PASSWORD 'hunter2')", "(USER 'u', PASSWORD '***')"],
    ["SET @app_password := 'hunter2'", "SET @app_password := '***'"],
    [`PREPARE p FROM 'CREATE USER a IDENTIFIED BY "hunter2"'`, 'IDENTIFIED BY'],
    ["/*!80000 ALTER USER a IDENTIFIED BY 'hunter2' */", "IDENTIFIED BY '***'"],
  ])('%s', (text, kept) => {
    const masked = maskPasswords(text)
    expect(masked).not.toContain('hunter2')
    expect(masked).toContain(kept)
    expect(masked).toContain('***')
  })

  test.each([
    "INSERT INTO notes (text) VALUES ('identified by')",
    'CREATE TABLE t (password VARBINARY(60) NOT NULL, secret INT)',
    "UPDATE users SET name = 'BY' WHERE password IS NULL",
    'ALTER USER app IDENTIFIED BY RANDOM PASSWORD',
  ])('is not seen where there is none: %s', (text) => {
    expect(maskPasswords(text)).toBe(text)
  })
})
