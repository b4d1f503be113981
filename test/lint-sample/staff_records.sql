-- Personnel, in the manner of the employees sample.
-- migration: tables
CREATE TABLE employees (
    emp_no      INT             NOT NULL,
    birth_date  DATE            NOT NULL,
    first_name  VARCHAR(14)     NOT NULL,
    last_name   VARCHAR(16)     NOT NULL,
    gender      ENUM ('M','F')  NOT NULL,
    hire_date   DATE            NOT NULL,
    PRIMARY KEY (emp_no)
);
CREATE TABLE departments (
    dept_no     CHAR(4)         NOT NULL,
    dept_name   VARCHAR(40)     NOT NULL,
    PRIMARY KEY (dept_no),
    UNIQUE KEY (dept_name)
);
CREATE TABLE dept_manager (
   emp_no       INT             NOT NULL,
   dept_no      CHAR(4)         NOT NULL,
   from_date    DATE            NOT NULL,
   to_date      DATE            NOT NULL,
   FOREIGN KEY (emp_no)  REFERENCES employees (emp_no)    ON DELETE CASCADE,
   FOREIGN KEY (dept_no) REFERENCES departments (dept_no) ON DELETE CASCADE,
   PRIMARY KEY (emp_no,dept_no)
);
CREATE TABLE titles (
    emp_no      INT             NOT NULL,
    title       VARCHAR(50)     NOT NULL,
    from_date   DATE            NOT NULL,
    to_date     DATE,
    FOREIGN KEY (emp_no) REFERENCES employees (emp_no) ON DELETE CASCADE,
    PRIMARY KEY (emp_no,title, from_date)
);
CREATE TABLE salaries (
    emp_no      INT             NOT NULL,
    salary      INT             NOT NULL,
    from_date   DATE            NOT NULL,
    to_date     DATE            NOT NULL,
    FOREIGN KEY (emp_no) REFERENCES employees (emp_no) ON DELETE CASCADE,
    PRIMARY KEY (emp_no, from_date)
);
create table leave_requests (
  id int unsigned not null auto_increment primary key,
  emp_no int not null,
  kind varchar(20) not null default 'vacation',
  first_day date not null,
  last_day date not null,
  approved_by int null,
  created_at timestamp not null default current_timestamp,
  index (emp_no, first_day),
  index (approved_by),
  foreign key (emp_no) references employees (emp_no),
  foreign key (approved_by) references employees (emp_no)
);
create table holidays (day date not null primary key, name varchar(60) not null, half_day tinyint(1) not null default 0);
create table badges (badge_no char(8) not null, emp_no int not null, issued date not null, returned date, primary key (badge_no), key emp (emp_no));
create table training (id int auto_increment, title varchar(120) not null, hours decimal(4,1) not null default 0, primary key (id)) engine=innodb;
create table training_attendance (training_id int not null, emp_no int not null, passed boolean, primary key (training_id, emp_no), key (emp_no)) engine=innodb;
create or replace view current_dept_emp as select emp_no, max(from_date) as from_date from salaries group by emp_no;
-- migration: changes
ALTER TABLE employees ADD COLUMN email VARCHAR(100);
ALTER TABLE employees ADD INDEX idx_last_name (last_name);
ALTER TABLE employees MODIFY last_name VARCHAR(40) NOT NULL;
ALTER TABLE employees MODIFY gender ENUM('M','F','X') NOT NULL;
ALTER TABLE departments ADD COLUMN cost_center VARCHAR(10) NOT NULL DEFAULT '';
alter table badges add column note text;
alter table leave_requests add column comment varchar(500) null;
-- useful: BLOCKING_COPY, ADD_CHECK
alter table leave_requests add constraint chk_days check (last_day >= first_day);
alter table holidays add column country char(2) not null default 'DE';
alter table holidays drop primary key, add primary key (country, day);
CREATE INDEX idx_hire_date ON employees (hire_date);
update departments set cost_center = '4711' where dept_no = 'd001';
insert into training (title, hours) values ('First aid', 8), ('Fire safety', 2.5);
-- noise: LARGE_CHANGE
delete from holidays where day < '2000-01-01';
