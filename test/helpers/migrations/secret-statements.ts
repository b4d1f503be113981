/** Each secret begins so: nothing that is printed or kept may hold even the beginning of one. */
export const mark = 'Zq7'
const secret = (name: string): string => `${mark}${name}-very-long-so-that-a-message-cuts-it`

/** Statements with secrets that fail, at each step on which a statement can. */
export const failingWithSecrets: readonly (readonly [name: string, sql: string])[] = [
  ['ALTER USER ... REPLACE', `ALTER USER nobody_here IDENTIFIED BY '${secret('one')}'\n  REPLACE '${secret('two')}';`],
  ['a syntax error behind it', `ALTER USER a IDENTIFIED BY '${secret('one')}' REPLACE '${secret('two')}' NONSENSE;`],
  ['a syntax error before it', `ALTER USER a x IDENTIFIED WITH sha2 BY '${secret('one')}' REPLACE '${secret('two')}';`],
  ['CREATE USER with a hash', `CREATE USER a IDENTIFIED WITH nothing_such AS '${secret('hash')}';`],
  ['SET PASSWORD', `SET PASSWORD FOR nobody_here = '${secret('one')}' REPLACE '${secret('two')}';`],
  ['CREATE SERVER', `CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (PASSWORD '${secret('one')}', NONSENSE 'x');`],
  ['a variable', `SET @app_password = '${secret('one')}';\nINSERT INTO nothere SELECT @app_password;`],
  [
    'a prepared statement',
    `SET @sql = 'ALTER USER nobody_here IDENTIFIED BY ''${secret('one')}''';\nPREPARE p FROM @sql;\nEXECUTE p;`,
  ],
  ['a prepared literal', `PREPARE p FROM 'ALTER USER nobody_here IDENTIFIED BY "${secret('one')}"';\nEXECUTE p;`],
  ['a string that is not closed', `ALTER USER a IDENTIFIED BY '${secret('one')}' ATTRIBUTE 'x;`],
  [
    'a statement that is refused in its second line',
    `ALTER USER a IDENTIFIED BY '${secret('one')}'\n  REPLACE '${secret('two')}'; USE app;`,
  ],
  ['a statement that is refused', `SET GLOBAL x = 1, @api_token = '${secret('one')}'; USE app;`],
]
