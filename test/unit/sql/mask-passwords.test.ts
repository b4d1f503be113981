import { describe, expect, test } from 'vitest'
import { hidePasswords, listPasswords, maskPasswords } from '../../../src/sql/mask-passwords.ts'

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
    ["SET PASSWORD = 'hunter2' REPLACE 'hunter2'", "SET PASSWORD = '***' REPLACE '***'"],
    ["SET PASSWORD FOR app = 'hunter2' REPLACE 'hunter2' RETAIN CURRENT PASSWORD", "'***' REPLACE '***' RETAIN"],
    ["ALTER USER a ADD 2 FACTOR IDENTIFIED WITH authentication_ldap_simple BY 'hunter2'", "BY '***'"],
    [
      "ALTER USER a IDENTIFIED BY 'hunter2', b IDENTIFIED BY 'hunter2' PASSWORD EXPIRE",
      "b IDENTIFIED BY '***' PASSWORD",
    ],
    ["CREATE USER a IDENTIFIED WITH p AS X'hunter2'", "AS X'***'"],
    ["CLONE INSTANCE FROM a@h:3306 IDENTIFIED BY 'hunter2'", "IDENTIFIED BY '***'"],
    ["START REPLICA USER='u' PASSWORD='hunter2'", "USER='u' PASSWORD='***'"],
    ["CHANGE MASTER TO MASTER_PASSWORD = 'hunter2'", "MASTER_PASSWORD = '***'"],
    ["ALTER SERVER s OPTIONS (PASSWORD 'hunter2')", "(PASSWORD '***')"],
    ["GRANT ALL ON *.* TO a IDENTIFIED BY PASSWORD 'hunter2'", "PASSWORD '***'"],
    ["SET @x = 1, @api_token = CONCAT('hunter2', _utf8mb4'hunter2'), @y = 'kept'", "@y = 'kept'"],
    ["SELECT 'hunter2' INTO @secret_of_app", "SELECT '***' INTO"],
    ["SELECT @password := 'hunter2', 'kept'", "'kept'"],
    ["INSERT INTO mysql.user SET authentication_string = PASSWORD('hunter2')", "PASSWORD('***')"],
    ["UPDATE users SET password_hash = 'hunter2' WHERE id = 'kept'", "id = 'kept'"],
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

test('a hash in hexadecimal is masked, too', () => {
  expect(maskPasswords('CREATE USER a IDENTIFIED WITH p AS 0x2A41')).toBe("CREATE USER a IDENTIFIED WITH p AS '***'")
})

describe('what a server says of a statement', () => {
  const text = "ALTER USER app IDENTIFIED BY 'hunter-one' REPLACE 'hunter-two' NONSENSE"
  const passwords = listPasswords(text)

  test.each([
    ["syntax to use near 'IDENTIFIED BY 'hunter-one' REPLACE 'hunter-two' NONSENSE' at line 1"],
    ["syntax to use near 'xx IDENTIFIED BY 'hunter-one' REPLACE 'hunter-t' at line 1"],
    ["syntax to use near 'IDENTIFIED BY 'hunt' at line 1."],
    ["syntax to use near '' at line 1"],
    ["Cannot use 'hunter-two'"],
  ])('holds no password, whole or cut: %s', (said) => {
    expect(hidePasswords(said, passwords)).not.toContain('hunt')
  })
})
