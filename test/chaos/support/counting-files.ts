import { migration } from '../../helpers/tool/stage.ts'

/** How many files a history has at most, its first one aside. */
export const files = 4

/** Each file counts how often it ran, in a way that shows a second time, and changes a table. */
export const file = (version: number): string =>
  migration(`CREATE TABLE IF NOT EXISTS Made_${version} (id INT PRIMARY KEY);
INSERT INTO Ran (version) VALUES (${version});
ALTER TABLE Kept ADD COLUMN c${version} INT NULL;
UPDATE Kept SET n = n + 1 WHERE id = 1;`)

export const firstFile = migration(`CREATE TABLE Ran (id INT AUTO_INCREMENT PRIMARY KEY, version INT NOT NULL);
CREATE TABLE Kept (id INT PRIMARY KEY, n INT NOT NULL, note VARCHAR(20) NULL);
INSERT INTO Kept VALUES (1, 0, NULL);`)

/** The tables of migrations, as the files spell them. */
const spellings = ['Ran', 'Kept', ...Array.from({ length: files }, (_, index) => `Made_${index + 1}`)]
export const spell = (table: string): string => spellings.find((one) => one.toLowerCase() === table) ?? table
