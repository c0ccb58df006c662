CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE asset (
	hash VARCHAR(64) NOT NULL, 
	media_type VARCHAR(60) NOT NULL, 
	width INTEGER NOT NULL, 
	height INTEGER NOT NULL, 
	size INTEGER NOT NULL, 
	CONSTRAINT pk_asset PRIMARY KEY (hash)
);
CREATE TABLE audit_entry (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	actor_id INTEGER, 
	school_id INTEGER, 
	action VARCHAR(64) NOT NULL, 
	subject_type VARCHAR(64) NOT NULL, 
	subject_id INTEGER, 
	facts JSON NOT NULL, origin VARCHAR(40) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_audit_entry PRIMARY KEY (id)
);
CREATE INDEX ix_audit_entry_actor_id ON audit_entry (actor_id);
CREATE INDEX ix_audit_entry_school_id_at ON audit_entry (school_id, at);
CREATE INDEX ix_audit_entry_subject_type_subject_id ON audit_entry (subject_type, subject_id);
CREATE TABLE competence (
	id INTEGER NOT NULL, 
	"key" VARCHAR(100) NOT NULL, 
	title TEXT NOT NULL, 
	plain TEXT NOT NULL, 
	block_title TEXT NOT NULL, 
	block_position INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	CONSTRAINT pk_competence PRIMARY KEY (id), 
	CONSTRAINT uq_competence_key UNIQUE ("key")
);
CREATE TABLE job (
	id INTEGER NOT NULL, 
	task VARCHAR(120) NOT NULL, 
	arguments JSON NOT NULL, 
	"key" VARCHAR(200), 
	run_at DATETIME NOT NULL, 
	attempts INTEGER NOT NULL, 
	leased_until DATETIME, 
	error TEXT NOT NULL, 
	done_at DATETIME, 
	outcome VARCHAR(10) NOT NULL, 
	created_at DATETIME NOT NULL, trace VARCHAR(60), 
	CONSTRAINT pk_job PRIMARY KEY (id)
);
CREATE INDEX ix_job_done_at ON job (done_at);
CREATE INDEX ix_job_due ON job (run_at, id) WHERE done_at IS NULL;
CREATE UNIQUE INDEX uq_job_key ON job ("key") WHERE done_at IS NULL AND leased_until IS NULL;
CREATE TABLE network (
	id INTEGER NOT NULL, 
	name VARCHAR(120) NOT NULL, 
	legal_name VARCHAR(200) NOT NULL, 
	siret VARCHAR(14) NOT NULL, 
	activity_number VARCHAR(11) NOT NULL, 
	address VARCHAR(300) NOT NULL, 
	phone VARCHAR(20) NOT NULL, 
	mail VARCHAR(254) NOT NULL, 
	CONSTRAINT pk_network PRIMARY KEY (id)
);
CREATE TABLE outgoing (
	id INTEGER NOT NULL, 
	channel VARCHAR(4) NOT NULL, 
	recipient VARCHAR(254) NOT NULL, 
	subject VARCHAR(200) NOT NULL, 
	text TEXT NOT NULL, 
	person_id INTEGER, 
	school_id INTEGER, 
	"key" VARCHAR(120), 
	created_at DATETIME NOT NULL, 
	sent_at DATETIME, 
	refused_at DATETIME, 
	is_kept BOOLEAN NOT NULL, 
	attempts INTEGER NOT NULL, 
	error VARCHAR(500) NOT NULL, 
	CONSTRAINT pk_outgoing PRIMARY KEY (id)
);
CREATE INDEX ix_outgoing_key ON outgoing ("key");
CREATE INDEX ix_outgoing_person_id ON outgoing (person_id);
CREATE INDEX ix_outgoing_school_id_created_at ON outgoing (school_id, created_at);
CREATE TABLE rendered (
	hash VARCHAR(64) NOT NULL, 
	sections JSON NOT NULL, 
	headings JSON NOT NULL, 
	text TEXT NOT NULL, 
	CONSTRAINT pk_rendered PRIMARY KEY (hash)
);
CREATE TABLE sign_in_attempt (
	id INTEGER NOT NULL, 
	handle_hash VARCHAR(64) NOT NULL, 
	address_hash VARCHAR(64) NOT NULL, 
	at DATETIME NOT NULL, 
	succeeded BOOLEAN NOT NULL, 
	mark VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_sign_in_attempt PRIMARY KEY (id)
);
CREATE INDEX ix_sign_in_attempt_address_hash_at ON sign_in_attempt (address_hash, at);
CREATE INDEX ix_sign_in_attempt_at ON sign_in_attempt (at);
CREATE INDEX ix_sign_in_attempt_handle_hash_at ON sign_in_attempt (handle_hash, at);
CREATE TABLE school (
	id INTEGER NOT NULL, 
	network_id INTEGER NOT NULL, 
	code VARCHAR(8) NOT NULL, 
	name VARCHAR(120) NOT NULL, 
	region VARCHAR(60) NOT NULL, 
	address VARCHAR(300) NOT NULL, 
	phone VARCHAR(20) NOT NULL, 
	mail VARCHAR(254) NOT NULL, 
	siret VARCHAR(14) NOT NULL, 
	activity_number VARCHAR(11) NOT NULL, 
	time_zone VARCHAR(40) NOT NULL, 
	opened_on DATE NOT NULL, 
	closed_on DATE, 
	CONSTRAINT pk_school PRIMARY KEY (id), 
	CONSTRAINT fk_school_network_id FOREIGN KEY(network_id) REFERENCES network (id), 
	CONSTRAINT uq_school_code UNIQUE (code)
);
CREATE INDEX ix_school_network_id ON school (network_id);
CREATE TABLE person (
	id INTEGER NOT NULL, 
	first_name VARCHAR(80) NOT NULL, 
	last_name VARCHAR(80) NOT NULL, 
	search_key VARCHAR(500) NOT NULL, 
	mail VARCHAR(254), 
	phone VARCHAR(20), 
	learner_number VARCHAR(20), 
	language VARCHAR(8) NOT NULL, 
	preferences JSON NOT NULL, 
	home_school_id INTEGER, 
	created_at DATETIME NOT NULL, message_choices JSON DEFAULT '{}' NOT NULL, 
	CONSTRAINT pk_person PRIMARY KEY (id), 
	CONSTRAINT ck_person_reachable CHECK (mail IS NOT NULL OR phone IS NOT NULL OR learner_number IS NOT NULL), 
	CONSTRAINT fk_person_home_school_id FOREIGN KEY(home_school_id) REFERENCES school (id), 
	CONSTRAINT uq_person_learner_number UNIQUE (learner_number), 
	CONSTRAINT uq_person_mail UNIQUE (mail), 
	CONSTRAINT uq_person_phone UNIQUE (phone)
);
CREATE INDEX ix_person_home_school_id ON person (home_school_id);
CREATE INDEX ix_person_search_key ON person (search_key);
CREATE TABLE site (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	name VARCHAR(120) NOT NULL, 
	address VARCHAR(300) NOT NULL, 
	CONSTRAINT pk_site PRIMARY KEY (id), 
	CONSTRAINT fk_site_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_site_school_id ON site (school_id);
CREATE TABLE accommodation (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	deadline_days INTEGER NOT NULL, 
	extra_time_percent INTEGER NOT NULL, 
	format VARCHAR(200) NOT NULL, 
	breaks VARCHAR(200) NOT NULL, 
	starts_on DATE NOT NULL, 
	ends_on DATE, 
	decided_by_id INTEGER, 
	created_at DATETIME NOT NULL, quiet_place BOOLEAN DEFAULT 0 NOT NULL, sign_language BOOLEAN DEFAULT 0 NOT NULL, follows BOOLEAN DEFAULT 0 NOT NULL, fewer_reviews INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_accommodation PRIMARY KEY (id), 
	CONSTRAINT fk_accommodation_decided_by_id FOREIGN KEY(decided_by_id) REFERENCES person (id), 
	CONSTRAINT fk_accommodation_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_accommodation_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_accommodation_person_id ON accommodation (person_id);
CREATE INDEX ix_accommodation_school_id ON accommodation (school_id);
CREATE TABLE account (
	person_id INTEGER NOT NULL, 
	password_hash VARCHAR(200), 
	session_token VARCHAR(64) NOT NULL, 
	totp_secret_encrypted VARCHAR(400), 
	totp_last_step INTEGER, 
	recovery_code_hashes JSON NOT NULL, 
	closed_at DATETIME, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_account PRIMARY KEY (person_id), 
	CONSTRAINT fk_account_person_id FOREIGN KEY(person_id) REFERENCES person (id)
);
CREATE TABLE invitation (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	school_id INTEGER, 
	channel VARCHAR(8) NOT NULL, 
	code_hash VARCHAR(64) NOT NULL, 
	nonce VARCHAR(32) NOT NULL, 
	sent_to VARCHAR(254) NOT NULL, 
	created_by_id INTEGER, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	revoked_at DATETIME, 
	CONSTRAINT pk_invitation PRIMARY KEY (id), 
	CONSTRAINT fk_invitation_created_by_id FOREIGN KEY(created_by_id) REFERENCES person (id), 
	CONSTRAINT fk_invitation_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_invitation_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT uq_invitation_code_hash UNIQUE (code_hash)
);
CREATE INDEX ix_invitation_person_id ON invitation (person_id);
CREATE TABLE notice (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	school_id INTEGER, 
	kind VARCHAR(30) NOT NULL, 
	title VARCHAR(200) NOT NULL, 
	body TEXT NOT NULL, 
	url VARCHAR(300) NOT NULL, 
	"key" VARCHAR(120), 
	created_at DATETIME NOT NULL, 
	read_at DATETIME, 
	taken_back_at DATETIME, daily_at DATETIME, 
	CONSTRAINT pk_notice PRIMARY KEY (id), 
	CONSTRAINT fk_notice_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_notice_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT uq_notice_key UNIQUE ("key")
);
CREATE INDEX ix_notice_person_id_created_at ON notice (person_id, created_at);
CREATE INDEX ix_notice_school_id ON notice (school_id);
CREATE TABLE role_grant (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	school_id INTEGER, 
	role VARCHAR(30) NOT NULL, 
	granted_by_id INTEGER, 
	granted_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	ended_by_id INTEGER, 
	CONSTRAINT pk_role_grant PRIMARY KEY (id), 
	CONSTRAINT fk_role_grant_ended_by_id FOREIGN KEY(ended_by_id) REFERENCES person (id), 
	CONSTRAINT fk_role_grant_granted_by_id FOREIGN KEY(granted_by_id) REFERENCES person (id), 
	CONSTRAINT fk_role_grant_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_role_grant_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_role_grant_person_id_ended_at ON role_grant (person_id, ended_at);
CREATE INDEX ix_role_grant_school_id_role ON role_grant (school_id, role);
CREATE TABLE sign_in_code (
	id INTEGER NOT NULL, 
	person_id INTEGER, 
	handle_hash VARCHAR(64) NOT NULL, 
	purpose VARCHAR(12) NOT NULL, 
	code_hash VARCHAR(64) NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	attempts INTEGER NOT NULL, 
	used_at DATETIME, 
	CONSTRAINT pk_sign_in_code PRIMARY KEY (id), 
	CONSTRAINT fk_sign_in_code_person_id FOREIGN KEY(person_id) REFERENCES person (id)
);
CREATE INDEX ix_sign_in_code_handle_hash ON sign_in_code (handle_hash);
CREATE INDEX ix_sign_in_code_person_id ON sign_in_code (person_id);
CREATE TABLE source (
	id INTEGER NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	title VARCHAR(200) NOT NULL, 
	url VARCHAR(2000) NOT NULL, 
	branch VARCHAR(200) NOT NULL, 
	folder VARCHAR(500) NOT NULL, 
	token_encrypted TEXT NOT NULL, 
	deploy_key_encrypted TEXT NOT NULL, 
	deploy_key_public TEXT NOT NULL, 
	is_local BOOLEAN NOT NULL, 
	created_by_id INTEGER, 
	created_at DATETIME NOT NULL, 
	live_revision_id INTEGER, webhook_secret_encrypted TEXT DEFAULT '' NOT NULL, check_minutes INTEGER DEFAULT '15' NOT NULL, checked_at DATETIME, 
	CONSTRAINT pk_source PRIMARY KEY (id), 
	CONSTRAINT fk_source_created_by_id FOREIGN KEY(created_by_id) REFERENCES person (id), 
	CONSTRAINT uq_source_name UNIQUE (name)
);
CREATE TABLE programme (
	id INTEGER NOT NULL, 
	source_id INTEGER NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_programme PRIMARY KEY (id), 
	CONSTRAINT fk_programme_source_id FOREIGN KEY(source_id) REFERENCES source (id), 
	CONSTRAINT uq_programme_source_id_key UNIQUE (source_id, "key")
);
CREATE TABLE project (
	id INTEGER NOT NULL, 
	source_id INTEGER NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_project PRIMARY KEY (id), 
	CONSTRAINT fk_project_source_id FOREIGN KEY(source_id) REFERENCES source (id), 
	CONSTRAINT uq_project_source_id_key UNIQUE (source_id, "key")
);
CREATE TABLE revision (
	id INTEGER NOT NULL, 
	source_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	"commit" VARCHAR(64) NOT NULL, 
	author VARCHAR(200) NOT NULL, 
	message VARCHAR(500) NOT NULL, 
	committed_at DATETIME NOT NULL, 
	made_at DATETIME NOT NULL, 
	pages INTEGER NOT NULL, 
	CONSTRAINT pk_revision PRIMARY KEY (id), 
	CONSTRAINT fk_revision_source_id FOREIGN KEY(source_id) REFERENCES source (id), 
	CONSTRAINT uq_revision_source_id_number UNIQUE (source_id, number)
);
CREATE TABLE source_file (
	source_id INTEGER NOT NULL, 
	path VARCHAR(1000) NOT NULL, 
	blob VARCHAR(64) NOT NULL, 
	facts JSON NOT NULL, 
	CONSTRAINT pk_source_file PRIMARY KEY (source_id, path), 
	CONSTRAINT fk_source_file_source_id FOREIGN KEY(source_id) REFERENCES source (id)
);
CREATE TABLE cohort (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	site_id INTEGER, 
	programme_id INTEGER NOT NULL, 
	revision_id INTEGER NOT NULL, 
	code VARCHAR(20) NOT NULL, 
	name VARCHAR(120) NOT NULL, 
	starts_on DATE NOT NULL, 
	ends_on DATE NOT NULL, 
	archived_at DATETIME, 
	CONSTRAINT pk_cohort PRIMARY KEY (id), 
	CONSTRAINT ck_cohort_dates CHECK (ends_on >= starts_on), 
	CONSTRAINT fk_cohort_programme_id FOREIGN KEY(programme_id) REFERENCES programme (id), 
	CONSTRAINT fk_cohort_revision_id FOREIGN KEY(revision_id) REFERENCES revision (id), 
	CONSTRAINT fk_cohort_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT fk_cohort_site_id FOREIGN KEY(site_id) REFERENCES site (id), 
	CONSTRAINT uq_cohort_code UNIQUE (code)
);
CREATE INDEX ix_cohort_programme_id ON cohort (programme_id);
CREATE INDEX ix_cohort_school_id ON cohort (school_id);
CREATE TABLE page (
	id INTEGER NOT NULL, 
	source_id INTEGER NOT NULL, 
	project_id INTEGER, 
	programme_id INTEGER, 
	"key" VARCHAR(140) NOT NULL, 
	CONSTRAINT pk_page PRIMARY KEY (id), 
	CONSTRAINT fk_page_programme_id FOREIGN KEY(programme_id) REFERENCES programme (id), 
	CONSTRAINT fk_page_project_id FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT fk_page_source_id FOREIGN KEY(source_id) REFERENCES source (id), 
	CONSTRAINT uq_page_source_id_key UNIQUE (source_id, "key")
);
CREATE INDEX ix_page_programme_id ON page (programme_id);
CREATE INDEX ix_page_project_id ON page (project_id);
CREATE TABLE programme_version (
	id INTEGER NOT NULL, 
	programme_id INTEGER NOT NULL, 
	since INTEGER NOT NULL, 
	until INTEGER, 
	position INTEGER NOT NULL, 
	title VARCHAR(200) NOT NULL, 
	kind VARCHAR(12) NOT NULL, 
	summary TEXT NOT NULL, 
	hours INTEGER NOT NULL, 
	language VARCHAR(8) NOT NULL, 
	data JSON NOT NULL, 
	CONSTRAINT pk_programme_version PRIMARY KEY (id), 
	CONSTRAINT fk_programme_version_programme_id FOREIGN KEY(programme_id) REFERENCES programme (id), 
	CONSTRAINT uq_programme_version_programme_id_since UNIQUE (programme_id, since)
);
CREATE TABLE project_version (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	programme_id INTEGER NOT NULL, 
	since INTEGER NOT NULL, 
	until INTEGER, 
	position INTEGER NOT NULL, 
	title VARCHAR(200) NOT NULL, 
	summary TEXT NOT NULL, 
	hours INTEGER NOT NULL, 
	work VARCHAR(8) NOT NULL, 
	team_size INTEGER, 
	path VARCHAR(1000) NOT NULL, 
	data JSON NOT NULL, 
	CONSTRAINT pk_project_version PRIMARY KEY (id), 
	CONSTRAINT fk_project_version_programme_id FOREIGN KEY(programme_id) REFERENCES programme (id), 
	CONSTRAINT fk_project_version_project_id FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT uq_project_version_project_id_since UNIQUE (project_id, since)
);
CREATE INDEX ix_project_version_programme_id_since ON project_version (programme_id, since);
CREATE TABLE assignment (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	work VARCHAR(8) NOT NULL, 
	team_size INTEGER NOT NULL, 
	teams_by VARCHAR(8) NOT NULL, 
	opens_at DATETIME NOT NULL, 
	due_at DATETIME NOT NULL, 
	closes_at DATETIME NOT NULL, 
	set_by_id INTEGER, 
	set_at DATETIME NOT NULL, 
	withdrawn_at DATETIME, 
	CONSTRAINT pk_assignment PRIMARY KEY (id), 
	CONSTRAINT ck_assignment_window CHECK (opens_at <= due_at AND due_at <= closes_at), 
	CONSTRAINT fk_assignment_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_assignment_project_id FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT fk_assignment_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT fk_assignment_set_by_id FOREIGN KEY(set_by_id) REFERENCES person (id), 
	CONSTRAINT uq_assignment_cohort_id_project_id UNIQUE (cohort_id, project_id)
);
CREATE INDEX ix_assignment_cohort_id_due_at ON assignment (cohort_id, due_at);
CREATE INDEX ix_assignment_project_id ON assignment (project_id);
CREATE INDEX ix_assignment_school_id ON assignment (school_id);
CREATE TABLE enrolment (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	starts_on DATE NOT NULL, 
	ends_on DATE NOT NULL, 
	left_on DATE, 
	exit_reason VARCHAR(30), 
	exit_note VARCHAR(500) NOT NULL, 
	follows_id INTEGER, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_enrolment PRIMARY KEY (id), 
	CONSTRAINT ck_enrolment_dates CHECK (ends_on >= starts_on), 
	CONSTRAINT fk_enrolment_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_enrolment_follows_id FOREIGN KEY(follows_id) REFERENCES enrolment (id), 
	CONSTRAINT fk_enrolment_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_enrolment_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_enrolment_cohort_id_starts_on ON enrolment (cohort_id, starts_on);
CREATE INDEX ix_enrolment_person_id_cohort_id ON enrolment (person_id, cohort_id);
CREATE INDEX ix_enrolment_school_id ON enrolment (school_id);
CREATE TABLE page_version (
	id INTEGER NOT NULL, 
	page_id INTEGER NOT NULL, 
	variant VARCHAR(8) NOT NULL, 
	since INTEGER NOT NULL, 
	until INTEGER, 
	position INTEGER NOT NULL, 
	title VARCHAR(300) NOT NULL, 
	path VARCHAR(1000) NOT NULL, 
	role VARCHAR(8) NOT NULL, 
	rendered_hash VARCHAR(64) NOT NULL, 
	weight INTEGER NOT NULL, 
	CONSTRAINT pk_page_version PRIMARY KEY (id), 
	CONSTRAINT fk_page_version_page_id FOREIGN KEY(page_id) REFERENCES page (id), 
	CONSTRAINT fk_page_version_rendered_hash FOREIGN KEY(rendered_hash) REFERENCES rendered (hash), 
	CONSTRAINT uq_page_version_page_id_variant_since UNIQUE (page_id, variant, since)
);
CREATE INDEX ix_page_version_rendered_hash ON page_version (rendered_hash);
CREATE TABLE posting (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	starts_on DATE NOT NULL, 
	ends_on DATE, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_posting PRIMARY KEY (id), 
	CONSTRAINT fk_posting_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_posting_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_posting_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT uq_posting_cohort_id_person_id_starts_on UNIQUE (cohort_id, person_id, starts_on)
);
CREATE INDEX ix_posting_person_id_cohort_id ON posting (person_id, cohort_id);
CREATE INDEX ix_posting_school_id ON posting (school_id);
CREATE TABLE revision_move (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	from_revision_id INTEGER NOT NULL, 
	to_revision_id INTEGER NOT NULL, 
	moved_by_id INTEGER NOT NULL, 
	moved_at DATETIME NOT NULL, 
	CONSTRAINT pk_revision_move PRIMARY KEY (id), 
	CONSTRAINT fk_revision_move_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_revision_move_from_revision_id FOREIGN KEY(from_revision_id) REFERENCES revision (id), 
	CONSTRAINT fk_revision_move_moved_by_id FOREIGN KEY(moved_by_id) REFERENCES person (id), 
	CONSTRAINT fk_revision_move_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT fk_revision_move_to_revision_id FOREIGN KEY(to_revision_id) REFERENCES revision (id)
);
CREATE INDEX ix_revision_move_cohort_id ON revision_move (cohort_id);
CREATE INDEX ix_revision_move_school_id ON revision_move (school_id);
CREATE TABLE deliverable (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	assignment_id INTEGER NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	position INTEGER NOT NULL, 
	title VARCHAR(200) NOT NULL, 
	hint VARCHAR(500) NOT NULL, 
	asks JSON NOT NULL, 
	either BOOLEAN NOT NULL, 
	retired_at DATETIME, 
	CONSTRAINT pk_deliverable PRIMARY KEY (id), 
	CONSTRAINT fk_deliverable_assignment_id FOREIGN KEY(assignment_id) REFERENCES assignment (id), 
	CONSTRAINT fk_deliverable_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT uq_deliverable_assignment_id_key UNIQUE (assignment_id, "key")
);
CREATE INDEX ix_deliverable_school_id ON deliverable (school_id);
CREATE TABLE extension (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	assignment_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	due_at DATETIME NOT NULL, 
	closes_at DATETIME NOT NULL, 
	reason VARCHAR(300) NOT NULL, 
	granted_by_id INTEGER NOT NULL, 
	granted_at DATETIME NOT NULL, 
	CONSTRAINT pk_extension PRIMARY KEY (id), 
	CONSTRAINT fk_extension_assignment_id FOREIGN KEY(assignment_id) REFERENCES assignment (id), 
	CONSTRAINT fk_extension_granted_by_id FOREIGN KEY(granted_by_id) REFERENCES person (id), 
	CONSTRAINT fk_extension_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_extension_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_extension_assignment_id_person_id ON extension (assignment_id, person_id);
CREATE INDEX ix_extension_person_id ON extension (person_id);
CREATE INDEX ix_extension_school_id ON extension (school_id);
CREATE TABLE team (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	assignment_id INTEGER NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	formed_at DATETIME NOT NULL, 
	dissolved_at DATETIME, 
	CONSTRAINT pk_team PRIMARY KEY (id), 
	CONSTRAINT fk_team_assignment_id FOREIGN KEY(assignment_id) REFERENCES assignment (id), 
	CONSTRAINT fk_team_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_team_assignment_id ON team (assignment_id);
CREATE INDEX ix_team_school_id ON team (school_id);
CREATE TABLE draft (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	deliverable_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	link VARCHAR(2000) NOT NULL, 
	repository VARCHAR(2000) NOT NULL, 
	note TEXT NOT NULL, 
	files JSON NOT NULL, 
	repository_commit VARCHAR(64) NOT NULL, 
	commit_found_at DATETIME, 
	"key" VARCHAR(32) NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT pk_draft PRIMARY KEY (id), 
	CONSTRAINT fk_draft_deliverable_id FOREIGN KEY(deliverable_id) REFERENCES deliverable (id), 
	CONSTRAINT fk_draft_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_draft_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT uq_draft_deliverable_id_person_id UNIQUE (deliverable_id, person_id)
);
CREATE INDEX ix_draft_person_id ON draft (person_id);
CREATE INDEX ix_draft_school_id ON draft (school_id);
CREATE TABLE submission (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	assignment_id INTEGER NOT NULL, 
	deliverable_id INTEGER NOT NULL, 
	revision_id INTEGER NOT NULL, 
	submitted_by_id INTEGER NOT NULL, 
	team_name VARCHAR(80) NOT NULL, 
	version INTEGER NOT NULL, 
	submitted_at DATETIME NOT NULL, 
	timing VARCHAR(8) NOT NULL, 
	text TEXT NOT NULL, 
	link VARCHAR(2000) NOT NULL, 
	repository VARCHAR(2000) NOT NULL, 
	repository_commit VARCHAR(64) NOT NULL, 
	note TEXT NOT NULL, 
	receipt VARCHAR(16) NOT NULL, 
	"key" VARCHAR(32), 
	CONSTRAINT pk_submission PRIMARY KEY (id), 
	CONSTRAINT fk_submission_assignment_id FOREIGN KEY(assignment_id) REFERENCES assignment (id), 
	CONSTRAINT fk_submission_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_submission_deliverable_id FOREIGN KEY(deliverable_id) REFERENCES deliverable (id), 
	CONSTRAINT fk_submission_revision_id FOREIGN KEY(revision_id) REFERENCES revision (id), 
	CONSTRAINT fk_submission_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT fk_submission_submitted_by_id FOREIGN KEY(submitted_by_id) REFERENCES person (id), 
	CONSTRAINT uq_submission_key UNIQUE ("key"), 
	CONSTRAINT uq_submission_receipt UNIQUE (receipt)
);
CREATE INDEX ix_submission_assignment_id ON submission (assignment_id);
CREATE INDEX ix_submission_cohort_id_submitted_at ON submission (cohort_id, submitted_at);
CREATE INDEX ix_submission_deliverable_id_submitted_at ON submission (deliverable_id, submitted_at);
CREATE INDEX ix_submission_school_id_submitted_at ON submission (school_id, submitted_at);
CREATE INDEX ix_submission_submitted_by_id ON submission (submitted_by_id);
CREATE TABLE team_member (
	id INTEGER NOT NULL, 
	team_id INTEGER NOT NULL, 
	assignment_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	joined_at DATETIME NOT NULL, 
	left_at DATETIME, 
	CONSTRAINT pk_team_member PRIMARY KEY (id), 
	CONSTRAINT fk_team_member_assignment_id FOREIGN KEY(assignment_id) REFERENCES assignment (id), 
	CONSTRAINT fk_team_member_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_team_member_team_id FOREIGN KEY(team_id) REFERENCES team (id)
);
CREATE INDEX ix_team_member_assignment_id_left_at ON team_member (assignment_id, left_at);
CREATE INDEX ix_team_member_team_id ON team_member (team_id);
CREATE UNIQUE INDEX uq_team_member_one_team ON team_member (person_id, assignment_id) WHERE left_at IS NULL;
CREATE TABLE feedback (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	submission_id INTEGER NOT NULL, 
	trainer_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	decision VARCHAR(12) NOT NULL, 
	comment TEXT NOT NULL, 
	sent_at DATETIME NOT NULL, 
	undone_at DATETIME, 
	CONSTRAINT pk_feedback PRIMARY KEY (id), 
	CONSTRAINT fk_feedback_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT fk_feedback_submission_id FOREIGN KEY(submission_id) REFERENCES submission (id), 
	CONSTRAINT fk_feedback_trainer_id FOREIGN KEY(trainer_id) REFERENCES person (id), 
	CONSTRAINT uq_feedback_submission_id_number UNIQUE (submission_id, number)
);
CREATE INDEX ix_feedback_school_id ON feedback (school_id);
CREATE INDEX ix_feedback_submission_id_undone_at ON feedback (submission_id, undone_at);
CREATE INDEX ix_feedback_trainer_id ON feedback (trainer_id);
CREATE TABLE feedback_draft (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	submission_id INTEGER NOT NULL, 
	trainer_id INTEGER NOT NULL, 
	marks JSON NOT NULL, 
	levels JSON NOT NULL, 
	comment TEXT NOT NULL, 
	decision VARCHAR(12) NOT NULL, 
	opened_at DATETIME NOT NULL, 
	saved_at DATETIME, 
	CONSTRAINT pk_feedback_draft PRIMARY KEY (id), 
	CONSTRAINT fk_feedback_draft_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT fk_feedback_draft_submission_id FOREIGN KEY(submission_id) REFERENCES submission (id), 
	CONSTRAINT fk_feedback_draft_trainer_id FOREIGN KEY(trainer_id) REFERENCES person (id), 
	CONSTRAINT uq_feedback_draft_submission_id_trainer_id UNIQUE (submission_id, trainer_id)
);
CREATE INDEX ix_feedback_draft_school_id ON feedback_draft (school_id);
CREATE INDEX ix_feedback_draft_trainer_id ON feedback_draft (trainer_id);
CREATE TABLE submission_file (
	id INTEGER NOT NULL, 
	submission_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	size INTEGER NOT NULL, 
	media_type VARCHAR(100) NOT NULL, 
	CONSTRAINT pk_submission_file PRIMARY KEY (id), 
	CONSTRAINT fk_submission_file_submission_id FOREIGN KEY(submission_id) REFERENCES submission (id)
);
CREATE INDEX ix_submission_file_hash ON submission_file (hash);
CREATE INDEX ix_submission_file_submission_id ON submission_file (submission_id);
CREATE TABLE submission_owner (
	submission_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	deliverable_id INTEGER NOT NULL, 
	CONSTRAINT pk_submission_owner PRIMARY KEY (submission_id, person_id), 
	CONSTRAINT fk_submission_owner_deliverable_id FOREIGN KEY(deliverable_id) REFERENCES deliverable (id), 
	CONSTRAINT fk_submission_owner_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_submission_owner_submission_id FOREIGN KEY(submission_id) REFERENCES submission (id)
);
CREATE INDEX ix_submission_owner_person_id_deliverable_id ON submission_owner (person_id, deliverable_id);
CREATE TABLE submission_state (
	submission_id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	assignment_id INTEGER NOT NULL, 
	submitted_at DATETIME NOT NULL, 
	is_waiting BOOLEAN NOT NULL, 
	decision VARCHAR(12) NOT NULL, 
	decided_at DATETIME, 
	feedback_id INTEGER, 
	CONSTRAINT pk_submission_state PRIMARY KEY (submission_id), 
	CONSTRAINT fk_submission_state_assignment_id FOREIGN KEY(assignment_id) REFERENCES assignment (id), 
	CONSTRAINT fk_submission_state_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_submission_state_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT fk_submission_state_submission_id FOREIGN KEY(submission_id) REFERENCES submission (id)
);
CREATE INDEX ix_submission_state_assignment_id_decision ON submission_state (assignment_id, decision);
CREATE INDEX ix_submission_state_cohort_id_decision_decided_at ON submission_state (cohort_id, decision, decided_at);
CREATE INDEX ix_submission_state_school_id ON submission_state (school_id);
CREATE INDEX ix_submission_state_waiting ON submission_state (cohort_id, submitted_at) WHERE is_waiting;
CREATE TABLE version_choice (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	deliverable_id INTEGER NOT NULL, 
	submission_id INTEGER NOT NULL, 
	chosen_at DATETIME NOT NULL, 
	CONSTRAINT pk_version_choice PRIMARY KEY (id), 
	CONSTRAINT fk_version_choice_deliverable_id FOREIGN KEY(deliverable_id) REFERENCES deliverable (id), 
	CONSTRAINT fk_version_choice_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_version_choice_submission_id FOREIGN KEY(submission_id) REFERENCES submission (id)
);
CREATE INDEX ix_version_choice_deliverable_id ON version_choice (deliverable_id);
CREATE INDEX ix_version_choice_person_id_deliverable_id ON version_choice (person_id, deliverable_id);
CREATE TABLE award (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	competence_id INTEGER NOT NULL, 
	level INTEGER NOT NULL, 
	submission_id INTEGER NOT NULL, 
	feedback_id INTEGER NOT NULL, 
	trainer_id INTEGER NOT NULL, 
	awarded_at DATETIME NOT NULL, 
	reason VARCHAR(300) NOT NULL, 
	CONSTRAINT pk_award PRIMARY KEY (id), 
	CONSTRAINT fk_award_competence_id FOREIGN KEY(competence_id) REFERENCES competence (id), 
	CONSTRAINT fk_award_feedback_id FOREIGN KEY(feedback_id) REFERENCES feedback (id), 
	CONSTRAINT fk_award_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_award_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT fk_award_submission_id FOREIGN KEY(submission_id) REFERENCES submission (id), 
	CONSTRAINT fk_award_trainer_id FOREIGN KEY(trainer_id) REFERENCES person (id)
);
CREATE INDEX ix_award_competence_id ON award (competence_id);
CREATE INDEX ix_award_feedback_id ON award (feedback_id);
CREATE INDEX ix_award_person_id_competence_id ON award (person_id, competence_id);
CREATE INDEX ix_award_school_id_awarded_at ON award (school_id, awarded_at);
CREATE INDEX ix_award_submission_id ON award (submission_id);
CREATE TABLE criterion_mark (
	id INTEGER NOT NULL, 
	feedback_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	criterion VARCHAR(64) NOT NULL, 
	text VARCHAR(500) NOT NULL, 
	mark INTEGER NOT NULL, 
	word VARCHAR(60) NOT NULL, 
	CONSTRAINT pk_criterion_mark PRIMARY KEY (id), 
	CONSTRAINT fk_criterion_mark_feedback_id FOREIGN KEY(feedback_id) REFERENCES feedback (id), 
	CONSTRAINT uq_criterion_mark_feedback_id_criterion UNIQUE (feedback_id, criterion)
);
CREATE TRIGGER submission_no_delete BEFORE DELETE ON submission BEGIN SELECT RAISE(ABORT, 'rows of submission are never changed or removed'); END;
CREATE TRIGGER submission_owner_no_update BEFORE UPDATE ON submission_owner BEGIN SELECT RAISE(ABORT, 'rows of submission_owner are never changed or removed'); END;
CREATE TRIGGER submission_owner_no_delete BEFORE DELETE ON submission_owner BEGIN SELECT RAISE(ABORT, 'rows of submission_owner are never changed or removed'); END;
CREATE TRIGGER submission_file_no_delete BEFORE DELETE ON submission_file BEGIN SELECT RAISE(ABORT, 'rows of submission_file are never changed or removed'); END;
CREATE TRIGGER award_no_update BEFORE UPDATE ON award BEGIN SELECT RAISE(ABORT, 'rows of award are never changed or removed'); END;
CREATE TRIGGER award_no_delete BEFORE DELETE ON award BEGIN SELECT RAISE(ABORT, 'rows of award are never changed or removed'); END;
CREATE TRIGGER criterion_mark_no_update BEFORE UPDATE ON criterion_mark BEGIN SELECT RAISE(ABORT, 'rows of criterion_mark are never changed or removed'); END;
CREATE TRIGGER criterion_mark_no_delete BEFORE DELETE ON criterion_mark BEGIN SELECT RAISE(ABORT, 'rows of criterion_mark are never changed or removed'); END;
CREATE TABLE attendance_settings (
	school_id INTEGER NOT NULL, 
	opens_before_minutes INTEGER NOT NULL, 
	delay_hours INTEGER NOT NULL, 
	needs_code BOOLEAN NOT NULL, 
	keeps_address BOOLEAN NOT NULL, 
	alert_half_days INTEGER NOT NULL, 
	CONSTRAINT pk_attendance_settings PRIMARY KEY (school_id), 
	CONSTRAINT fk_attendance_settings_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE TABLE room (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	capacity INTEGER NOT NULL, 
	retired_at DATETIME, 
	CONSTRAINT pk_room PRIMARY KEY (id), 
	CONSTRAINT ck_room_capacity CHECK (capacity > 0), 
	CONSTRAINT fk_room_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT uq_room_school_id_name UNIQUE (school_id, name)
);
CREATE TABLE closure (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	starts_on DATE NOT NULL, 
	ends_on DATE NOT NULL, 
	label VARCHAR(120) NOT NULL, 
	made_by_id INTEGER, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_closure PRIMARY KEY (id), 
	CONSTRAINT ck_closure_dates CHECK (ends_on >= starts_on), 
	CONSTRAINT fk_closure_made_by_id FOREIGN KEY(made_by_id) REFERENCES person (id), 
	CONSTRAINT fk_closure_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_closure_school_id ON closure (school_id);
CREATE TABLE signing_pin (
	person_id INTEGER NOT NULL, 
	pin_hash VARCHAR(200) NOT NULL, 
	failures INTEGER NOT NULL, 
	set_at DATETIME NOT NULL, 
	CONSTRAINT pk_signing_pin PRIMARY KEY (person_id), 
	CONSTRAINT fk_signing_pin_person_id FOREIGN KEY(person_id) REFERENCES person (id)
);
CREATE TABLE calendar_feed (
	id INTEGER NOT NULL, 
	token_hash VARCHAR(64) NOT NULL, 
	owner_id INTEGER NOT NULL, 
	person_id INTEGER, 
	cohort_id INTEGER, 
	school_id INTEGER, 
	made_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	CONSTRAINT pk_calendar_feed PRIMARY KEY (id), 
	CONSTRAINT fk_calendar_feed_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_calendar_feed_owner_id FOREIGN KEY(owner_id) REFERENCES person (id), 
	CONSTRAINT fk_calendar_feed_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_calendar_feed_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT uq_calendar_feed_token_hash UNIQUE (token_hash)
);
CREATE INDEX ix_calendar_feed_owner_id ON calendar_feed (owner_id);
CREATE TABLE company_period (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	person_id INTEGER, 
	starts_on DATE NOT NULL, 
	ends_on DATE NOT NULL, 
	company VARCHAR(160) NOT NULL, 
	siret VARCHAR(14) NOT NULL, 
	tutor_name VARCHAR(120) NOT NULL, 
	tutor_mail VARCHAR(254) NOT NULL, 
	minutes_a_day INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_company_period PRIMARY KEY (id), 
	CONSTRAINT ck_company_period_dates CHECK (ends_on >= starts_on), 
	CONSTRAINT fk_company_period_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_company_period_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_company_period_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_company_period_cohort_id_starts_on ON company_period (cohort_id, starts_on);
CREATE INDEX ix_company_period_person_id ON company_period (person_id);
CREATE INDEX ix_company_period_school_id ON company_period (school_id);
CREATE TABLE excuse (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	starts_on DATE NOT NULL, 
	ends_on DATE NOT NULL, 
	code VARCHAR(10) NOT NULL, 
	note TEXT NOT NULL, 
	file_hash VARCHAR(64) NOT NULL, 
	file_name VARCHAR(200) NOT NULL, 
	file_type VARCHAR(100) NOT NULL, 
	file_removed_on DATE, 
	sent_at DATETIME NOT NULL, 
	is_accepted BOOLEAN, 
	decided_by_id INTEGER, 
	decided_at DATETIME, 
	answer VARCHAR(500) NOT NULL, 
	CONSTRAINT pk_excuse PRIMARY KEY (id), 
	CONSTRAINT ck_excuse_dates CHECK (ends_on >= starts_on), 
	CONSTRAINT fk_excuse_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_excuse_decided_by_id FOREIGN KEY(decided_by_id) REFERENCES person (id), 
	CONSTRAINT fk_excuse_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_excuse_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_excuse_cohort_id ON excuse (cohort_id);
CREATE INDEX ix_excuse_person_id ON excuse (person_id);
CREATE INDEX ix_excuse_school_id_decided_at ON excuse (school_id, decided_at);
CREATE TABLE half_day (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	"on" DATE NOT NULL, 
	half VARCHAR(2) NOT NULL, 
	starts TIME NOT NULL, 
	ends TIME NOT NULL, 
	pause_minutes INTEGER NOT NULL, 
	time_zone VARCHAR(40) NOT NULL, 
	room_id INTEGER, 
	place_text VARCHAR(200) NOT NULL, 
	link VARCHAR(500) NOT NULL, 
	module VARCHAR(200) NOT NULL, 
	secret VARCHAR(64) NOT NULL, 
	sequence INTEGER NOT NULL, 
	opened_at DATETIME, 
	opened_by_id INTEGER, 
	countersigned_at DATETIME, 
	cancelled_at DATETIME, 
	cancel_reason VARCHAR(300) NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_half_day PRIMARY KEY (id), 
	CONSTRAINT fk_half_day_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_half_day_opened_by_id FOREIGN KEY(opened_by_id) REFERENCES person (id), 
	CONSTRAINT fk_half_day_room_id FOREIGN KEY(room_id) REFERENCES room (id), 
	CONSTRAINT fk_half_day_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_half_day_cohort_id_on ON half_day (cohort_id, "on");
CREATE INDEX ix_half_day_room_id ON half_day (room_id);
CREATE INDEX ix_half_day_school_id_on ON half_day (school_id, "on");
CREATE UNIQUE INDEX uq_half_day_taking_place ON half_day (cohort_id, "on", half) WHERE cancelled_at IS NULL;
CREATE TABLE sheet (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	monday DATE NOT NULL, 
	version INTEGER NOT NULL, 
	sequence INTEGER NOT NULL, 
	number VARCHAR(40) NOT NULL, 
	content_hash VARCHAR(64) NOT NULL, 
	reason VARCHAR(300) NOT NULL, 
	last_entry INTEGER NOT NULL, 
	last_entry_hash VARCHAR(64) NOT NULL, 
	closed_by_id INTEGER NOT NULL, 
	second_person_id INTEGER, 
	closed_at DATETIME NOT NULL, 
	previous_hash VARCHAR(64) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_sheet PRIMARY KEY (id), 
	CONSTRAINT fk_sheet_closed_by_id FOREIGN KEY(closed_by_id) REFERENCES person (id), 
	CONSTRAINT fk_sheet_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_sheet_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT fk_sheet_second_person_id FOREIGN KEY(second_person_id) REFERENCES person (id), 
	CONSTRAINT uq_sheet_cohort_id_monday_version UNIQUE (cohort_id, monday, version), 
	CONSTRAINT uq_sheet_cohort_id_sequence UNIQUE (cohort_id, sequence), 
	CONSTRAINT uq_sheet_hash UNIQUE (hash), 
	CONSTRAINT uq_sheet_number UNIQUE (number)
);
CREATE INDEX ix_sheet_school_id_monday ON sheet (school_id, monday);
CREATE TABLE week_pattern (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	weekday INTEGER NOT NULL, 
	half VARCHAR(2) NOT NULL, 
	starts TIME NOT NULL, 
	ends TIME NOT NULL, 
	pause_minutes INTEGER NOT NULL, 
	CONSTRAINT pk_week_pattern PRIMARY KEY (id), 
	CONSTRAINT fk_week_pattern_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_week_pattern_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT uq_week_pattern_cohort_id_weekday_half UNIQUE (cohort_id, weekday, half)
);
CREATE INDEX ix_week_pattern_school_id ON week_pattern (school_id);
CREATE TABLE attendance_entry (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	sequence INTEGER NOT NULL, 
	half_day_id INTEGER NOT NULL, 
	half_day_hash VARCHAR(64) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	person_id INTEGER NOT NULL, 
	by_id INTEGER NOT NULL, 
	role VARCHAR(16) NOT NULL, 
	method VARCHAR(8) NOT NULL, 
	statement_version VARCHAR(12) NOT NULL, 
	facts JSON NOT NULL, 
	at DATETIME NOT NULL, 
	received_at DATETIME NOT NULL, 
	device_sequence INTEGER, 
	corrects_id INTEGER, 
	"key" VARCHAR(64), 
	content_hash VARCHAR(64) NOT NULL, 
	previous_hash VARCHAR(64) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_attendance_entry PRIMARY KEY (id), 
	CONSTRAINT fk_attendance_entry_by_id FOREIGN KEY(by_id) REFERENCES person (id), 
	CONSTRAINT fk_attendance_entry_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_attendance_entry_corrects_id FOREIGN KEY(corrects_id) REFERENCES attendance_entry (id), 
	CONSTRAINT fk_attendance_entry_half_day_id FOREIGN KEY(half_day_id) REFERENCES half_day (id), 
	CONSTRAINT fk_attendance_entry_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_attendance_entry_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT uq_attendance_entry_cohort_id_sequence UNIQUE (cohort_id, sequence), 
	CONSTRAINT uq_attendance_entry_hash UNIQUE (hash), 
	CONSTRAINT uq_attendance_entry_key UNIQUE ("key")
);
CREATE INDEX ix_attendance_entry_corrects_id ON attendance_entry (corrects_id);
CREATE INDEX ix_attendance_entry_half_day_id_person_id ON attendance_entry (half_day_id, person_id);
CREATE INDEX ix_attendance_entry_person_id_at ON attendance_entry (person_id, at);
CREATE INDEX ix_attendance_entry_school_id_at ON attendance_entry (school_id, at);
CREATE TABLE company_week (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	period_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	monday DATE NOT NULL, 
	version INTEGER NOT NULL, 
	days JSON NOT NULL, 
	learner_signed_at DATETIME, 
	tutor_signed_at DATETIME, 
	tutor_name VARCHAR(120) NOT NULL, 
	token_hash VARCHAR(64) NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_company_week PRIMARY KEY (id), 
	CONSTRAINT fk_company_week_period_id FOREIGN KEY(period_id) REFERENCES company_period (id), 
	CONSTRAINT fk_company_week_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_company_week_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT uq_company_week_period_id_person_id_monday_version UNIQUE (period_id, person_id, monday, version)
);
CREATE INDEX ix_company_week_person_id ON company_week (person_id);
CREATE INDEX ix_company_week_school_id ON company_week (school_id);
CREATE INDEX ix_company_week_token_hash ON company_week (token_hash);
CREATE TABLE expected (
	id INTEGER NOT NULL, 
	half_day_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	enrolment_id INTEGER, 
	expectation VARCHAR(10) NOT NULL, 
	has_more_time BOOLEAN NOT NULL, 
	added_by_id INTEGER, 
	added_at DATETIME NOT NULL, 
	CONSTRAINT pk_expected PRIMARY KEY (id), 
	CONSTRAINT fk_expected_added_by_id FOREIGN KEY(added_by_id) REFERENCES person (id), 
	CONSTRAINT fk_expected_enrolment_id FOREIGN KEY(enrolment_id) REFERENCES enrolment (id), 
	CONSTRAINT fk_expected_half_day_id FOREIGN KEY(half_day_id) REFERENCES half_day (id), 
	CONSTRAINT fk_expected_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT uq_expected_half_day_id_person_id UNIQUE (half_day_id, person_id)
);
CREATE INDEX ix_expected_enrolment_id ON expected (enrolment_id);
CREATE INDEX ix_expected_person_id ON expected (person_id);
CREATE TABLE half_day_change (
	id INTEGER NOT NULL, 
	half_day_id INTEGER NOT NULL, 
	what VARCHAR(20) NOT NULL, 
	"before" JSON NOT NULL, 
	"after" JSON NOT NULL, 
	reason VARCHAR(300) NOT NULL, 
	changed_by_id INTEGER, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_half_day_change PRIMARY KEY (id), 
	CONSTRAINT fk_half_day_change_changed_by_id FOREIGN KEY(changed_by_id) REFERENCES person (id), 
	CONSTRAINT fk_half_day_change_half_day_id FOREIGN KEY(half_day_id) REFERENCES half_day (id)
);
CREATE INDEX ix_half_day_change_half_day_id ON half_day_change (half_day_id);
CREATE TABLE half_day_trainer (
	id INTEGER NOT NULL, 
	half_day_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	replaced_at DATETIME, 
	reason VARCHAR(300) NOT NULL, 
	CONSTRAINT pk_half_day_trainer PRIMARY KEY (id), 
	CONSTRAINT fk_half_day_trainer_half_day_id FOREIGN KEY(half_day_id) REFERENCES half_day (id), 
	CONSTRAINT fk_half_day_trainer_person_id FOREIGN KEY(person_id) REFERENCES person (id)
);
CREATE INDEX ix_half_day_trainer_half_day_id ON half_day_trainer (half_day_id);
CREATE INDEX ix_half_day_trainer_person_id ON half_day_trainer (person_id);
CREATE UNIQUE INDEX uq_half_day_trainer_leading ON half_day_trainer (half_day_id, person_id) WHERE replaced_at IS NULL;
CREATE TABLE presence_day (
	enrolment_id INTEGER NOT NULL, 
	"on" DATE NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	planned INTEGER NOT NULL, 
	attended INTEGER NOT NULL, 
	justified INTEGER NOT NULL, 
	unjustified INTEGER NOT NULL, 
	missing INTEGER NOT NULL, distance INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_presence_day PRIMARY KEY (enrolment_id, "on"), 
	CONSTRAINT fk_presence_day_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_presence_day_enrolment_id FOREIGN KEY(enrolment_id) REFERENCES enrolment (id), 
	CONSTRAINT fk_presence_day_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_presence_day_cohort_id_on ON presence_day (cohort_id, "on");
CREATE INDEX ix_presence_day_school_id_on ON presence_day (school_id, "on");
CREATE TABLE sheet_content (
	sheet_id INTEGER NOT NULL, 
	salt VARCHAR(32) NOT NULL, 
	content JSON NOT NULL, 
	CONSTRAINT pk_sheet_content PRIMARY KEY (sheet_id), 
	CONSTRAINT fk_sheet_content_sheet_id FOREIGN KEY(sheet_id) REFERENCES sheet (id)
);
CREATE TABLE sheet_paper (
	sheet_id INTEGER NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	size INTEGER NOT NULL, 
	is_signed BOOLEAN NOT NULL, 
	is_stamped BOOLEAN NOT NULL, 
	made_at DATETIME NOT NULL, 
	CONSTRAINT pk_sheet_paper PRIMARY KEY (sheet_id), 
	CONSTRAINT fk_sheet_paper_sheet_id FOREIGN KEY(sheet_id) REFERENCES sheet (id)
);
CREATE INDEX ix_sheet_paper_hash ON sheet_paper (hash);
CREATE TABLE sheet_heading (
	cohort_id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	session_number VARCHAR(60) NOT NULL, 
	funders JSON NOT NULL, 
	is_funded_by_union BOOLEAN NOT NULL, 
	logo_hash VARCHAR(64) NOT NULL, 
	changed_by_id INTEGER, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_sheet_heading PRIMARY KEY (cohort_id), 
	CONSTRAINT fk_sheet_heading_changed_by_id FOREIGN KEY(changed_by_id) REFERENCES person (id), 
	CONSTRAINT fk_sheet_heading_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_sheet_heading_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_sheet_heading_school_id ON sheet_heading (school_id);
CREATE TABLE sheet_removal (
	sheet_id INTEGER NOT NULL, 
	removed_on DATE NOT NULL, 
	rule VARCHAR(60) NOT NULL, 
	CONSTRAINT pk_sheet_removal PRIMARY KEY (sheet_id), 
	CONSTRAINT fk_sheet_removal_sheet_id FOREIGN KEY(sheet_id) REFERENCES sheet (id)
);
CREATE TABLE attendance_content (
	entry_id INTEGER NOT NULL, 
	salt VARCHAR(32) NOT NULL, 
	content JSON NOT NULL, 
	CONSTRAINT pk_attendance_content PRIMARY KEY (entry_id), 
	CONSTRAINT fk_attendance_content_entry_id FOREIGN KEY(entry_id) REFERENCES attendance_entry (id)
);
CREATE TABLE attendance_removal (
	entry_id INTEGER NOT NULL, 
	removed_on DATE NOT NULL, 
	rule VARCHAR(60) NOT NULL, 
	CONSTRAINT pk_attendance_removal PRIMARY KEY (entry_id), 
	CONSTRAINT fk_attendance_removal_entry_id FOREIGN KEY(entry_id) REFERENCES attendance_entry (id)
);
CREATE TABLE paper_scan (
	id INTEGER NOT NULL, 
	half_day_id INTEGER NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	media_type VARCHAR(100) NOT NULL, 
	people JSON NOT NULL, 
	brought_by_id INTEGER NOT NULL, 
	brought_at DATETIME NOT NULL, 
	CONSTRAINT pk_paper_scan PRIMARY KEY (id), 
	CONSTRAINT fk_paper_scan_brought_by_id FOREIGN KEY(brought_by_id) REFERENCES person (id), 
	CONSTRAINT fk_paper_scan_half_day_id FOREIGN KEY(half_day_id) REFERENCES half_day (id)
);
CREATE INDEX ix_paper_scan_half_day_id ON paper_scan (half_day_id);
CREATE INDEX ix_paper_scan_hash ON paper_scan (hash);
CREATE TABLE presence_dispute (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	half_day_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	text VARCHAR(1000) NOT NULL, 
	sent_at DATETIME NOT NULL, 
	answer VARCHAR(1000) NOT NULL, 
	answered_by_id INTEGER, 
	answered_at DATETIME, 
	CONSTRAINT pk_presence_dispute PRIMARY KEY (id), 
	CONSTRAINT fk_presence_dispute_answered_by_id FOREIGN KEY(answered_by_id) REFERENCES person (id), 
	CONSTRAINT fk_presence_dispute_half_day_id FOREIGN KEY(half_day_id) REFERENCES half_day (id), 
	CONSTRAINT fk_presence_dispute_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_presence_dispute_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_presence_dispute_half_day_id ON presence_dispute (half_day_id);
CREATE INDEX ix_presence_dispute_person_id ON presence_dispute (person_id);
CREATE INDEX ix_presence_dispute_school_id_answered_at ON presence_dispute (school_id, answered_at);
CREATE TRIGGER expected_no_update BEFORE UPDATE ON expected BEGIN SELECT RAISE(ABORT, 'rows of expected are never changed or removed'); END;
CREATE TRIGGER expected_no_delete BEFORE DELETE ON expected BEGIN SELECT RAISE(ABORT, 'rows of expected are never changed or removed'); END;
CREATE TRIGGER attendance_entry_no_update BEFORE UPDATE ON attendance_entry BEGIN SELECT RAISE(ABORT, 'rows of attendance_entry are never changed or removed'); END;
CREATE TRIGGER attendance_entry_no_delete BEFORE DELETE ON attendance_entry BEGIN SELECT RAISE(ABORT, 'rows of attendance_entry are never changed or removed'); END;
CREATE TRIGGER attendance_removal_no_update BEFORE UPDATE ON attendance_removal BEGIN SELECT RAISE(ABORT, 'rows of attendance_removal are never changed or removed'); END;
CREATE TRIGGER attendance_removal_no_delete BEFORE DELETE ON attendance_removal BEGIN SELECT RAISE(ABORT, 'rows of attendance_removal are never changed or removed'); END;
CREATE TRIGGER sheet_no_update BEFORE UPDATE ON sheet BEGIN SELECT RAISE(ABORT, 'rows of sheet are never changed or removed'); END;
CREATE TRIGGER sheet_no_delete BEFORE DELETE ON sheet BEGIN SELECT RAISE(ABORT, 'rows of sheet are never changed or removed'); END;
CREATE TRIGGER sheet_removal_no_update BEFORE UPDATE ON sheet_removal BEGIN SELECT RAISE(ABORT, 'rows of sheet_removal are never changed or removed'); END;
CREATE TRIGGER sheet_removal_no_delete BEFORE DELETE ON sheet_removal BEGIN SELECT RAISE(ABORT, 'rows of sheet_removal are never changed or removed'); END;
CREATE TRIGGER attendance_content_no_update BEFORE UPDATE ON attendance_content BEGIN SELECT RAISE(ABORT, 'rows of attendance_content are never changed or removed'); END;
CREATE TRIGGER sheet_content_no_update BEFORE UPDATE ON sheet_content BEGIN SELECT RAISE(ABORT, 'rows of sheet_content are never changed or removed'); END;
CREATE TRIGGER sheet_paper_no_update BEFORE UPDATE ON sheet_paper BEGIN SELECT RAISE(ABORT, 'rows of sheet_paper are never changed or removed'); END;
CREATE TABLE quiz (
	hash VARCHAR(64) NOT NULL, 
	questions JSON NOT NULL, 
	CONSTRAINT pk_quiz PRIMARY KEY (hash), 
	CONSTRAINT fk_quiz_hash FOREIGN KEY(hash) REFERENCES rendered (hash)
);
CREATE TABLE checklist (
	person_id INTEGER NOT NULL, 
	page_id INTEGER NOT NULL, 
	done JSON NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT pk_checklist PRIMARY KEY (person_id, page_id), 
	CONSTRAINT fk_checklist_page_id FOREIGN KEY(page_id) REFERENCES page (id), 
	CONSTRAINT fk_checklist_person_id FOREIGN KEY(person_id) REFERENCES person (id)
);
CREATE INDEX ix_checklist_page_id ON checklist (page_id);
CREATE TABLE help_request (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	page_id INTEGER NOT NULL, 
	revision_id INTEGER NOT NULL, 
	anchor VARCHAR(140) NOT NULL, 
	place_name VARCHAR(300) NOT NULL, 
	words TEXT NOT NULL, 
	asked_at DATETIME NOT NULL, 
	taken_by_id INTEGER, 
	ended_at DATETIME, 
	CONSTRAINT pk_help_request PRIMARY KEY (id), 
	CONSTRAINT fk_help_request_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_help_request_page_id FOREIGN KEY(page_id) REFERENCES page (id), 
	CONSTRAINT fk_help_request_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_help_request_revision_id FOREIGN KEY(revision_id) REFERENCES revision (id), 
	CONSTRAINT fk_help_request_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT fk_help_request_taken_by_id FOREIGN KEY(taken_by_id) REFERENCES person (id)
);
CREATE INDEX ix_help_request_cohort_id_ended_at ON help_request (cohort_id, ended_at);
CREATE INDEX ix_help_request_open ON help_request (cohort_id, asked_at) WHERE ended_at IS NULL;
CREATE INDEX ix_help_request_page_id ON help_request (page_id);
CREATE INDEX ix_help_request_school_id ON help_request (school_id);
CREATE UNIQUE INDEX uq_help_request_open_place ON help_request (person_id, page_id, anchor) WHERE ended_at IS NULL;
CREATE TABLE quiz_attempt (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	page_id INTEGER NOT NULL, 
	revision_id INTEGER NOT NULL, 
	quiz_hash VARCHAR(64) NOT NULL, 
	number INTEGER NOT NULL, 
	"right" INTEGER NOT NULL, 
	asked INTEGER NOT NULL, 
	"key" VARCHAR(32) NOT NULL, 
	answered_at DATETIME NOT NULL, 
	CONSTRAINT pk_quiz_attempt PRIMARY KEY (id), 
	CONSTRAINT fk_quiz_attempt_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_quiz_attempt_page_id FOREIGN KEY(page_id) REFERENCES page (id), 
	CONSTRAINT fk_quiz_attempt_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_quiz_attempt_quiz_hash FOREIGN KEY(quiz_hash) REFERENCES quiz (hash), 
	CONSTRAINT fk_quiz_attempt_revision_id FOREIGN KEY(revision_id) REFERENCES revision (id), 
	CONSTRAINT fk_quiz_attempt_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT uq_quiz_attempt_key UNIQUE ("key"), 
	CONSTRAINT uq_quiz_attempt_person_id_page_id_number UNIQUE (person_id, page_id, number)
);
CREATE INDEX ix_quiz_attempt_cohort_id_page_id_person_id ON quiz_attempt (cohort_id, page_id, person_id);
CREATE INDEX ix_quiz_attempt_page_id ON quiz_attempt (page_id);
CREATE INDEX ix_quiz_attempt_school_id ON quiz_attempt (school_id);
CREATE TABLE help_turn (
	id INTEGER NOT NULL, 
	request_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	turn VARCHAR(12) NOT NULL, 
	how VARCHAR(12) NOT NULL, 
	words TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_help_turn PRIMARY KEY (id), 
	CONSTRAINT fk_help_turn_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_help_turn_request_id FOREIGN KEY(request_id) REFERENCES help_request (id)
);
CREATE INDEX ix_help_turn_request_id ON help_turn (request_id);
CREATE TABLE quiz_answer (
	attempt_id INTEGER NOT NULL, 
	question VARCHAR(64) NOT NULL, 
	position INTEGER NOT NULL, 
	given JSON NOT NULL, 
	verdict VARCHAR(8) NOT NULL, 
	CONSTRAINT pk_quiz_answer PRIMARY KEY (attempt_id, question), 
	CONSTRAINT fk_quiz_answer_attempt_id FOREIGN KEY(attempt_id) REFERENCES quiz_attempt (id)
);
CREATE TABLE search_text (
	id INTEGER NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	words TEXT, 
	CONSTRAINT pk_search_text PRIMARY KEY (id), 
	CONSTRAINT fk_search_text_hash FOREIGN KEY(hash) REFERENCES rendered (hash), 
	CONSTRAINT uq_search_text_hash UNIQUE (hash)
);
CREATE INDEX ix_search_text_words ON search_text (words);
CREATE VIRTUAL TABLE search_index USING fts5(title, body, content='', detail=column, prefix='2 3 4', tokenize='unicode61');
CREATE TABLE "sync_run" (
	id INTEGER NOT NULL, 
	source_id INTEGER NOT NULL, 
	asked_by_id INTEGER, 
	started_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	"commit" VARCHAR(64) NOT NULL, 
	author VARCHAR(200) NOT NULL, 
	outcome VARCHAR(12) NOT NULL, 
	problems JSON NOT NULL, 
	steps JSON NOT NULL, 
	pages INTEGER NOT NULL, 
	changed INTEGER NOT NULL, 
	log JSON DEFAULT '[]' NOT NULL, 
	reason VARCHAR(10) DEFAULT 'button' NOT NULL, 
	message VARCHAR(500) DEFAULT '' NOT NULL, 
	beat_at DATETIME, 
	revision_id INTEGER, 
	CONSTRAINT pk_sync_run PRIMARY KEY (id), 
	CONSTRAINT fk_sync_run_source_id FOREIGN KEY(source_id) REFERENCES source (id), 
	CONSTRAINT fk_sync_run_asked_by_id FOREIGN KEY(asked_by_id) REFERENCES person (id), 
	CONSTRAINT fk_sync_run_revision_id FOREIGN KEY(revision_id) REFERENCES revision (id)
);
CREATE INDEX ix_sync_run_source_id_started_at ON sync_run (source_id, started_at);
CREATE TABLE webhook_delivery (
	id INTEGER NOT NULL, 
	source_id INTEGER NOT NULL, 
	delivery VARCHAR(200) NOT NULL, 
	received_at DATETIME NOT NULL, 
	CONSTRAINT pk_webhook_delivery PRIMARY KEY (id), 
	CONSTRAINT fk_webhook_delivery_source_id FOREIGN KEY(source_id) REFERENCES source (id), 
	CONSTRAINT uq_webhook_delivery_source_id_delivery UNIQUE (source_id, delivery)
);
CREATE INDEX ix_webhook_delivery_received_at ON webhook_delivery (received_at);
CREATE TABLE preview (
	id INTEGER NOT NULL, 
	source_id INTEGER NOT NULL, 
	ref VARCHAR(200) NOT NULL, 
	token_hash VARCHAR(64) NOT NULL, 
	token_encrypted TEXT NOT NULL, 
	created_by_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	outcome VARCHAR(12) NOT NULL, 
	"commit" VARCHAR(64) NOT NULL, 
	message VARCHAR(500) NOT NULL, 
	problems JSON NOT NULL, 
	manifest_hash VARCHAR(64) NOT NULL, 
	made_at DATETIME, 
	CONSTRAINT pk_preview PRIMARY KEY (id), 
	CONSTRAINT fk_preview_created_by_id FOREIGN KEY(created_by_id) REFERENCES person (id), 
	CONSTRAINT fk_preview_source_id FOREIGN KEY(source_id) REFERENCES source (id), 
	CONSTRAINT uq_preview_token_hash UNIQUE (token_hash)
);
CREATE INDEX ix_preview_source_id_created_at ON preview (source_id, created_at);
CREATE TABLE page_draft (
	id INTEGER NOT NULL, 
	source_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	path VARCHAR(1000) NOT NULL, 
	base_commit VARCHAR(64) NOT NULL, 
	base_blob VARCHAR(64) NOT NULL, 
	text TEXT NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT pk_page_draft PRIMARY KEY (id), 
	CONSTRAINT fk_page_draft_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_page_draft_source_id FOREIGN KEY(source_id) REFERENCES source (id), 
	CONSTRAINT uq_page_draft_source_id_person_id_path UNIQUE (source_id, person_id, path)
);
CREATE INDEX ix_page_draft_person_id ON page_draft (person_id);
CREATE TABLE page_save (
	id INTEGER NOT NULL, 
	source_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	path VARCHAR(1000) NOT NULL, 
	branch VARCHAR(200) NOT NULL, 
	base_commit VARCHAR(64) NOT NULL, 
	"commit" VARCHAR(64) NOT NULL, 
	message VARCHAR(500) NOT NULL, 
	patch TEXT NOT NULL, 
	outcome VARCHAR(12) NOT NULL, 
	reason VARCHAR(20) NOT NULL, 
	saved_at DATETIME NOT NULL, 
	CONSTRAINT pk_page_save PRIMARY KEY (id), 
	CONSTRAINT fk_page_save_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_page_save_source_id FOREIGN KEY(source_id) REFERENCES source (id)
);
CREATE INDEX ix_page_save_person_id ON page_save (person_id);
CREATE INDEX ix_page_save_source_id_saved_at ON page_save (source_id, saved_at);
CREATE TABLE funder (
	id INTEGER NOT NULL, 
	school_id INTEGER, 
	kind VARCHAR(20) NOT NULL, 
	name VARCHAR(160) NOT NULL, 
	siret VARCHAR(14) NOT NULL, 
	mail VARCHAR(254) NOT NULL, 
	retired_at DATETIME, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_funder PRIMARY KEY (id), 
	CONSTRAINT fk_funder_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_funder_school_id ON funder (school_id);
CREATE TABLE funding (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	funder_id INTEGER NOT NULL, 
	kind VARCHAR(12) NOT NULL, 
	scheme VARCHAR(160) NOT NULL, 
	agreement VARCHAR(60) NOT NULL, 
	lot VARCHAR(60) NOT NULL, 
	report_line VARCHAR(2) NOT NULL, 
	is_funded_by_union BOOLEAN NOT NULL, 
	minutes_agreed INTEGER, 
	amount_cents INTEGER, 
	starts_on DATE NOT NULL, 
	ends_on DATE NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_funding PRIMARY KEY (id), 
	CONSTRAINT ck_funding_dates CHECK (ends_on >= starts_on), 
	CONSTRAINT fk_funding_funder_id FOREIGN KEY(funder_id) REFERENCES funder (id), 
	CONSTRAINT fk_funding_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_funding_funder_id ON funding (funder_id);
CREATE INDEX ix_funding_school_id ON funding (school_id);
CREATE TABLE signatory (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	first_name VARCHAR(80) NOT NULL, 
	last_name VARCHAR(80) NOT NULL, 
	quality VARCHAR(120) NOT NULL, 
	city VARCHAR(80) NOT NULL, 
	since DATE NOT NULL, 
	said_by_id INTEGER NOT NULL, 
	said_at DATETIME NOT NULL, 
	CONSTRAINT pk_signatory PRIMARY KEY (id), 
	CONSTRAINT fk_signatory_said_by_id FOREIGN KEY(said_by_id) REFERENCES person (id), 
	CONSTRAINT fk_signatory_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_signatory_school_id ON signatory (school_id);
CREATE TABLE funding_setting (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	funder_id INTEGER, 
	funding_id INTEGER, 
	"key" VARCHAR(30) NOT NULL, 
	value VARCHAR(60) NOT NULL, 
	since DATE NOT NULL, 
	is_confirmed BOOLEAN NOT NULL, 
	said_by_id INTEGER NOT NULL, 
	said_at DATETIME NOT NULL, 
	CONSTRAINT pk_funding_setting PRIMARY KEY (id), 
	CONSTRAINT fk_funding_setting_funder_id FOREIGN KEY(funder_id) REFERENCES funder (id), 
	CONSTRAINT fk_funding_setting_funding_id FOREIGN KEY(funding_id) REFERENCES funding (id), 
	CONSTRAINT fk_funding_setting_said_by_id FOREIGN KEY(said_by_id) REFERENCES person (id), 
	CONSTRAINT fk_funding_setting_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_funding_setting_funder_id ON funding_setting (funder_id);
CREATE INDEX ix_funding_setting_funding_id ON funding_setting (funding_id);
CREATE INDEX ix_funding_setting_school_id_key ON funding_setting (school_id, "key");
CREATE TABLE document_batch (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	kind VARCHAR(12) NOT NULL, 
	starts_on DATE NOT NULL, 
	ends_on DATE NOT NULL, 
	total INTEGER NOT NULL, 
	done INTEGER NOT NULL, 
	documents JSON NOT NULL, 
	failed JSON NOT NULL, 
	asked_by_id INTEGER NOT NULL, 
	asked_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	archive_hash VARCHAR(64) NOT NULL, 
	archive_size INTEGER NOT NULL, 
	CONSTRAINT pk_document_batch PRIMARY KEY (id), 
	CONSTRAINT fk_document_batch_asked_by_id FOREIGN KEY(asked_by_id) REFERENCES person (id), 
	CONSTRAINT fk_document_batch_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_document_batch_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_document_batch_cohort_id ON document_batch (cohort_id);
CREATE INDEX ix_document_batch_school_id ON document_batch (school_id);
CREATE TABLE training_action (
	cohort_id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	nature VARCHAR(16) NOT NULL, 
	objectives JSON NOT NULL, 
	speciality VARCHAR(3) NOT NULL, 
	prerequisites TEXT NOT NULL, 
	changed_by_id INTEGER NOT NULL, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_training_action PRIMARY KEY (cohort_id), 
	CONSTRAINT fk_training_action_changed_by_id FOREIGN KEY(changed_by_id) REFERENCES person (id), 
	CONSTRAINT fk_training_action_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_training_action_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_training_action_school_id ON training_action (school_id);
CREATE TABLE enrolment_funding (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	enrolment_id INTEGER NOT NULL, 
	funding_id INTEGER NOT NULL, 
	starts_on DATE NOT NULL, 
	ends_on DATE, 
	minutes_agreed INTEGER, 
	file_number VARCHAR(60) NOT NULL, 
	employer VARCHAR(160) NOT NULL, 
	voucher VARCHAR(60) NOT NULL, 
	end_reason VARCHAR(300) NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_enrolment_funding PRIMARY KEY (id), 
	CONSTRAINT ck_enrolment_funding_dates CHECK (ends_on IS NULL OR ends_on >= starts_on), 
	CONSTRAINT fk_enrolment_funding_enrolment_id FOREIGN KEY(enrolment_id) REFERENCES enrolment (id), 
	CONSTRAINT fk_enrolment_funding_funding_id FOREIGN KEY(funding_id) REFERENCES funding (id), 
	CONSTRAINT fk_enrolment_funding_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_enrolment_funding_enrolment_id ON enrolment_funding (enrolment_id);
CREATE INDEX ix_enrolment_funding_funding_id ON enrolment_funding (funding_id);
CREATE INDEX ix_enrolment_funding_school_id ON enrolment_funding (school_id);
CREATE TABLE document (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER, 
	enrolment_id INTEGER, 
	share_id INTEGER, 
	person_id INTEGER, 
	kind VARCHAR(12) NOT NULL, 
	number VARCHAR(40) NOT NULL, 
	code VARCHAR(12) NOT NULL, 
	starts_on DATE NOT NULL, 
	ends_on DATE NOT NULL, 
	form INTEGER NOT NULL, 
	replaces_id INTEGER, 
	reason VARCHAR(300) NOT NULL, 
	issued_by_id INTEGER NOT NULL, 
	issued_at DATETIME NOT NULL, 
	sequence INTEGER NOT NULL, 
	content_hash VARCHAR(64) NOT NULL, 
	previous_hash VARCHAR(64) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_document PRIMARY KEY (id), 
	CONSTRAINT fk_document_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_document_enrolment_id FOREIGN KEY(enrolment_id) REFERENCES enrolment (id), 
	CONSTRAINT fk_document_issued_by_id FOREIGN KEY(issued_by_id) REFERENCES person (id), 
	CONSTRAINT fk_document_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_document_replaces_id FOREIGN KEY(replaces_id) REFERENCES document (id), 
	CONSTRAINT fk_document_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT fk_document_share_id FOREIGN KEY(share_id) REFERENCES enrolment_funding (id), 
	CONSTRAINT uq_document_code UNIQUE (code), 
	CONSTRAINT uq_document_hash UNIQUE (hash), 
	CONSTRAINT uq_document_number UNIQUE (number), 
	CONSTRAINT uq_document_replaces_id UNIQUE (replaces_id), 
	CONSTRAINT uq_document_school_id_sequence UNIQUE (school_id, sequence)
);
CREATE INDEX ix_document_cohort_id_kind ON document (cohort_id, kind);
CREATE INDEX ix_document_enrolment_id_kind ON document (enrolment_id, kind);
CREATE INDEX ix_document_person_id ON document (person_id);
CREATE INDEX ix_document_share_id ON document (share_id);
CREATE TABLE document_act (
	id INTEGER NOT NULL, 
	document_id INTEGER NOT NULL, 
	what VARCHAR(12) NOT NULL, 
	reason VARCHAR(300) NOT NULL, 
	about JSON NOT NULL, 
	by_id INTEGER, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_document_act PRIMARY KEY (id), 
	CONSTRAINT fk_document_act_by_id FOREIGN KEY(by_id) REFERENCES person (id), 
	CONSTRAINT fk_document_act_document_id FOREIGN KEY(document_id) REFERENCES document (id)
);
CREATE INDEX ix_document_act_document_id ON document_act (document_id);
CREATE TABLE document_content (
	document_id INTEGER NOT NULL, 
	salt VARCHAR(32) NOT NULL, 
	content JSON NOT NULL, 
	CONSTRAINT pk_document_content PRIMARY KEY (document_id), 
	CONSTRAINT fk_document_content_document_id FOREIGN KEY(document_id) REFERENCES document (id)
);
CREATE TABLE document_paper (
	document_id INTEGER NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	size INTEGER NOT NULL, 
	is_signed BOOLEAN NOT NULL, 
	is_stamped BOOLEAN NOT NULL, 
	made_at DATETIME NOT NULL, 
	CONSTRAINT pk_document_paper PRIMARY KEY (document_id), 
	CONSTRAINT fk_document_paper_document_id FOREIGN KEY(document_id) REFERENCES document (id)
);
CREATE INDEX ix_document_paper_hash ON document_paper (hash);
CREATE TABLE document_source (
	document_id INTEGER NOT NULL, 
	subject VARCHAR(12) NOT NULL, 
	subject_id INTEGER NOT NULL, 
	CONSTRAINT pk_document_source PRIMARY KEY (document_id, subject, subject_id), 
	CONSTRAINT fk_document_source_document_id FOREIGN KEY(document_id) REFERENCES document (id)
);
CREATE INDEX ix_document_source_subject_subject_id ON document_source (subject, subject_id);
CREATE TRIGGER funding_setting_no_update BEFORE UPDATE ON funding_setting BEGIN SELECT RAISE(ABORT, 'rows of funding_setting are never changed or removed'); END;
CREATE TRIGGER funding_setting_no_delete BEFORE DELETE ON funding_setting BEGIN SELECT RAISE(ABORT, 'rows of funding_setting are never changed or removed'); END;
CREATE TRIGGER signatory_no_update BEFORE UPDATE ON signatory BEGIN SELECT RAISE(ABORT, 'rows of signatory are never changed or removed'); END;
CREATE TRIGGER signatory_no_delete BEFORE DELETE ON signatory BEGIN SELECT RAISE(ABORT, 'rows of signatory are never changed or removed'); END;
CREATE TRIGGER document_no_update BEFORE UPDATE ON document BEGIN SELECT RAISE(ABORT, 'rows of document are never changed or removed'); END;
CREATE TRIGGER document_no_delete BEFORE DELETE ON document BEGIN SELECT RAISE(ABORT, 'rows of document are never changed or removed'); END;
CREATE TRIGGER document_act_no_update BEFORE UPDATE ON document_act BEGIN SELECT RAISE(ABORT, 'rows of document_act are never changed or removed'); END;
CREATE TRIGGER document_act_no_delete BEFORE DELETE ON document_act BEGIN SELECT RAISE(ABORT, 'rows of document_act are never changed or removed'); END;
CREATE TRIGGER document_source_no_update BEFORE UPDATE ON document_source BEGIN SELECT RAISE(ABORT, 'rows of document_source are never changed or removed'); END;
CREATE TRIGGER document_source_no_delete BEFORE DELETE ON document_source BEGIN SELECT RAISE(ABORT, 'rows of document_source are never changed or removed'); END;
CREATE TRIGGER document_content_no_update BEFORE UPDATE ON document_content BEGIN SELECT RAISE(ABORT, 'rows of document_content are never changed or removed'); END;
CREATE TRIGGER document_paper_no_update BEFORE UPDATE ON document_paper BEGIN SELECT RAISE(ABORT, 'rows of document_paper are never changed or removed'); END;
CREATE TABLE absence_code (
	school_id INTEGER NOT NULL, 
	code VARCHAR(10) NOT NULL, 
	words VARCHAR(80) NOT NULL, 
	is_justified BOOLEAN NOT NULL, 
	is_used BOOLEAN NOT NULL, 
	changed_by_id INTEGER NOT NULL, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_absence_code PRIMARY KEY (school_id, code), 
	CONSTRAINT fk_absence_code_changed_by_id FOREIGN KEY(changed_by_id) REFERENCES person (id), 
	CONSTRAINT fk_absence_code_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE TABLE person_merge (
	merged_id INTEGER NOT NULL, 
	kept_id INTEGER NOT NULL, 
	reason VARCHAR(300) NOT NULL, 
	merged_by_id INTEGER NOT NULL, 
	merged_at DATETIME NOT NULL, 
	CONSTRAINT pk_person_merge PRIMARY KEY (merged_id), 
	CONSTRAINT fk_person_merge_kept_id FOREIGN KEY(kept_id) REFERENCES person (id), 
	CONSTRAINT fk_person_merge_merged_by_id FOREIGN KEY(merged_by_id) REFERENCES person (id), 
	CONSTRAINT fk_person_merge_merged_id FOREIGN KEY(merged_id) REFERENCES person (id)
);
CREATE INDEX ix_person_merge_kept_id ON person_merge (kept_id);
CREATE TRIGGER person_merge_no_update BEFORE UPDATE ON person_merge BEGIN SELECT RAISE(ABORT, 'rows of person_merge are never changed or removed'); END;
CREATE TRIGGER person_merge_no_delete BEFORE DELETE ON person_merge BEGIN SELECT RAISE(ABORT, 'rows of person_merge are never changed or removed'); END;
CREATE TABLE review_conflict (
	id INTEGER NOT NULL, 
	round_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	other_id INTEGER NOT NULL, 
	said_at DATETIME NOT NULL, 
	CONSTRAINT pk_review_conflict PRIMARY KEY (id), 
	CONSTRAINT fk_review_conflict_other_id FOREIGN KEY(other_id) REFERENCES person (id), 
	CONSTRAINT fk_review_conflict_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_review_conflict_round_id FOREIGN KEY(round_id) REFERENCES review_round (id), 
	CONSTRAINT uq_review_conflict_round_id_person_id_other_id UNIQUE (round_id, person_id, other_id)
);
CREATE INDEX ix_review_conflict_other_id ON review_conflict (other_id);
CREATE INDEX ix_review_conflict_person_id ON review_conflict (person_id);
CREATE TABLE review_leniency (
	id INTEGER NOT NULL, 
	round_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	mean DOUBLE NOT NULL, 
	variance DOUBLE NOT NULL, 
	deviation DOUBLE NOT NULL, 
	deviation_sd DOUBLE NOT NULL, 
	learnt_at DATETIME NOT NULL, flat FLOAT DEFAULT '0.15' NOT NULL, 
	CONSTRAINT pk_review_leniency PRIMARY KEY (id), 
	CONSTRAINT fk_review_leniency_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_review_leniency_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_review_leniency_round_id FOREIGN KEY(round_id) REFERENCES review_round (id), 
	CONSTRAINT uq_review_leniency_round_id_person_id UNIQUE (round_id, person_id)
);
CREATE INDEX ix_review_leniency_cohort_id_person_id ON review_leniency (cohort_id, person_id);
CREATE INDEX ix_review_leniency_person_id ON review_leniency (person_id);
CREATE TABLE review_work (
	id INTEGER NOT NULL, 
	round_id INTEGER NOT NULL, 
	submission_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	"key" VARCHAR(24) NOT NULL, 
	is_late BOOLEAN NOT NULL, 
	joined_at DATETIME NOT NULL, 
	withdrawn_at DATETIME, 
	CONSTRAINT pk_review_work PRIMARY KEY (id), 
	CONSTRAINT fk_review_work_round_id FOREIGN KEY(round_id) REFERENCES review_round (id), 
	CONSTRAINT fk_review_work_submission_id FOREIGN KEY(submission_id) REFERENCES submission (id), 
	CONSTRAINT uq_review_work_key UNIQUE ("key"), 
	CONSTRAINT uq_review_work_round_id_number UNIQUE (round_id, number), 
	CONSTRAINT uq_review_work_round_id_submission_id UNIQUE (round_id, submission_id)
);
CREATE INDEX ix_review_work_submission_id ON review_work (submission_id);
CREATE TABLE review (
	id INTEGER NOT NULL, 
	round_id INTEGER NOT NULL, 
	work_id INTEGER NOT NULL, 
	reviewer_id INTEGER NOT NULL, 
	"key" VARCHAR(24) NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	draft JSON NOT NULL, 
	planned_at DATETIME NOT NULL, 
	revealed_at DATETIME, 
	saved_at DATETIME, 
	submitted_at DATETIME, 
	score DOUBLE, 
	CONSTRAINT pk_review PRIMARY KEY (id), 
	CONSTRAINT fk_review_reviewer_id FOREIGN KEY(reviewer_id) REFERENCES reviewer (id), 
	CONSTRAINT fk_review_round_id FOREIGN KEY(round_id) REFERENCES review_round (id), 
	CONSTRAINT fk_review_work_id FOREIGN KEY(work_id) REFERENCES review_work (id), 
	CONSTRAINT uq_review_key UNIQUE ("key"), 
	CONSTRAINT uq_review_work_id_reviewer_id UNIQUE (work_id, reviewer_id)
);
CREATE INDEX ix_review_reviewer_id ON review (reviewer_id);
CREATE INDEX ix_review_round_id_state ON review (round_id, state);
CREATE TABLE round_event (
	id INTEGER NOT NULL, 
	round_id INTEGER NOT NULL, 
	work_id INTEGER, 
	reviewer_id INTEGER, 
	what VARCHAR(20) NOT NULL, 
	cause VARCHAR(20) NOT NULL, 
	words VARCHAR(300) NOT NULL, 
	by_id INTEGER, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_round_event PRIMARY KEY (id), 
	CONSTRAINT fk_round_event_by_id FOREIGN KEY(by_id) REFERENCES person (id), 
	CONSTRAINT fk_round_event_reviewer_id FOREIGN KEY(reviewer_id) REFERENCES reviewer (id), 
	CONSTRAINT fk_round_event_round_id FOREIGN KEY(round_id) REFERENCES review_round (id), 
	CONSTRAINT fk_round_event_work_id FOREIGN KEY(work_id) REFERENCES review_work (id)
);
CREATE INDEX ix_round_event_by_id ON round_event (by_id);
CREATE INDEX ix_round_event_reviewer_id ON round_event (reviewer_id);
CREATE INDEX ix_round_event_round_id_id ON round_event (round_id, id);
CREATE INDEX ix_round_event_work_id ON round_event (work_id);
CREATE TABLE review_answer (
	id INTEGER NOT NULL, 
	review_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	criterion VARCHAR(64) NOT NULL, 
	text VARCHAR(500) NOT NULL, 
	mark INTEGER NOT NULL, 
	word VARCHAR(60) NOT NULL, 
	good TEXT NOT NULL, 
	good_place VARCHAR(20) NOT NULL, 
	good_line INTEGER, 
	good_quote VARCHAR(300) NOT NULL, 
	idea TEXT NOT NULL, 
	idea_place VARCHAR(20) NOT NULL, 
	idea_line INTEGER, 
	idea_quote VARCHAR(300) NOT NULL, 
	CONSTRAINT pk_review_answer PRIMARY KEY (id), 
	CONSTRAINT fk_review_answer_review_id FOREIGN KEY(review_id) REFERENCES review (id), 
	CONSTRAINT uq_review_answer_review_id_criterion UNIQUE (review_id, criterion)
);
CREATE TABLE review_flag (
	id INTEGER NOT NULL, 
	round_id INTEGER NOT NULL, 
	work_id INTEGER NOT NULL, 
	review_id INTEGER, 
	kind VARCHAR(8) NOT NULL, 
	person_id INTEGER NOT NULL, 
	words TEXT NOT NULL, 
	raised_at DATETIME NOT NULL, 
	answered_at DATETIME, 
	answered_by_id INTEGER, 
	answer TEXT NOT NULL, 
	upheld BOOLEAN, 
	CONSTRAINT pk_review_flag PRIMARY KEY (id), 
	CONSTRAINT fk_review_flag_answered_by_id FOREIGN KEY(answered_by_id) REFERENCES person (id), 
	CONSTRAINT fk_review_flag_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_review_flag_review_id FOREIGN KEY(review_id) REFERENCES review (id), 
	CONSTRAINT fk_review_flag_round_id FOREIGN KEY(round_id) REFERENCES review_round (id), 
	CONSTRAINT fk_review_flag_work_id FOREIGN KEY(work_id) REFERENCES review_work (id)
);
CREATE INDEX ix_review_flag_answered_by_id ON review_flag (answered_by_id);
CREATE INDEX ix_review_flag_person_id ON review_flag (person_id);
CREATE INDEX ix_review_flag_review_id ON review_flag (review_id);
CREATE INDEX ix_review_flag_round_id_answered_at ON review_flag (round_id, answered_at);
CREATE INDEX ix_review_flag_work_id ON review_flag (work_id);
CREATE TABLE review_reaction (
	id INTEGER NOT NULL, 
	review_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	helps VARCHAR(8) NOT NULL, 
	reason TEXT NOT NULL, 
	change TEXT NOT NULL, 
	thanks BOOLEAN NOT NULL, 
	reacted_at DATETIME NOT NULL, 
	CONSTRAINT pk_review_reaction PRIMARY KEY (id), 
	CONSTRAINT fk_review_reaction_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_review_reaction_review_id FOREIGN KEY(review_id) REFERENCES review (id), 
	CONSTRAINT uq_review_reaction_review_id_person_id UNIQUE (review_id, person_id)
);
CREATE INDEX ix_review_reaction_person_id ON review_reaction (person_id);
CREATE TRIGGER review_conflict_no_update BEFORE UPDATE ON review_conflict BEGIN SELECT RAISE(ABORT, 'rows of review_conflict are never changed or removed'); END;
CREATE TRIGGER review_conflict_no_delete BEFORE DELETE ON review_conflict BEGIN SELECT RAISE(ABORT, 'rows of review_conflict are never changed or removed'); END;
CREATE TRIGGER round_event_no_delete BEFORE DELETE ON round_event BEGIN SELECT RAISE(ABORT, 'rows of round_event are never changed or removed'); END;
CREATE TRIGGER review_answer_no_delete BEFORE DELETE ON review_answer BEGIN SELECT RAISE(ABORT, 'rows of review_answer are never changed or removed'); END;
CREATE TRIGGER review_reaction_no_delete BEFORE DELETE ON review_reaction BEGIN SELECT RAISE(ABORT, 'rows of review_reaction are never changed or removed'); END;
CREATE TABLE completion_rule (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	programme_id INTEGER NOT NULL, 
	asked JSON NOT NULL, 
	said_by_id INTEGER NOT NULL, 
	said_at DATETIME NOT NULL, 
	CONSTRAINT pk_completion_rule PRIMARY KEY (id), 
	CONSTRAINT fk_completion_rule_programme_id FOREIGN KEY(programme_id) REFERENCES programme (id), 
	CONSTRAINT fk_completion_rule_said_by_id FOREIGN KEY(said_by_id) REFERENCES person (id), 
	CONSTRAINT fk_completion_rule_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_completion_rule_school_id_programme_id ON completion_rule (school_id, programme_id);
CREATE TABLE exam_session (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	title VARCHAR(200) NOT NULL, 
	"on" DATE NOT NULL, 
	place_text VARCHAR(200) NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_exam_session PRIMARY KEY (id), 
	CONSTRAINT fk_exam_session_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_exam_session_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT uq_exam_session_cohort_id_on_title UNIQUE (cohort_id, "on", title)
);
CREATE INDEX ix_exam_session_school_id ON exam_session (school_id);
CREATE TABLE exam_result (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	session_id INTEGER NOT NULL, 
	enrolment_id INTEGER NOT NULL, 
	outcome VARCHAR(10) NOT NULL, 
	blocks JSON NOT NULL, 
	reason VARCHAR(300) NOT NULL, 
	said_by_id INTEGER NOT NULL, 
	said_at DATETIME NOT NULL, 
	CONSTRAINT pk_exam_result PRIMARY KEY (id), 
	CONSTRAINT fk_exam_result_enrolment_id FOREIGN KEY(enrolment_id) REFERENCES enrolment (id), 
	CONSTRAINT fk_exam_result_said_by_id FOREIGN KEY(said_by_id) REFERENCES person (id), 
	CONSTRAINT fk_exam_result_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT fk_exam_result_session_id FOREIGN KEY(session_id) REFERENCES exam_session (id)
);
CREATE INDEX ix_exam_result_enrolment_id ON exam_result (enrolment_id);
CREATE INDEX ix_exam_result_school_id ON exam_result (school_id);
CREATE INDEX ix_exam_result_session_id_enrolment_id ON exam_result (session_id, enrolment_id);
CREATE TRIGGER completion_rule_no_update BEFORE UPDATE ON completion_rule BEGIN SELECT RAISE(ABORT, 'rows of completion_rule are never changed or removed'); END;
CREATE TRIGGER completion_rule_no_delete BEFORE DELETE ON completion_rule BEGIN SELECT RAISE(ABORT, 'rows of completion_rule are never changed or removed'); END;
CREATE TRIGGER exam_result_no_update BEFORE UPDATE ON exam_result BEGIN SELECT RAISE(ABORT, 'rows of exam_result are never changed or removed'); END;
CREATE TRIGGER exam_result_no_delete BEFORE DELETE ON exam_result BEGIN SELECT RAISE(ABORT, 'rows of exam_result are never changed or removed'); END;
CREATE TABLE badge (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	"key" VARCHAR(32) NOT NULL, 
	about VARCHAR(120) NOT NULL, 
	level INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	token TEXT NOT NULL, 
	jwk JSON NOT NULL, 
	given_at DATETIME NOT NULL, 
	CONSTRAINT pk_badge PRIMARY KEY (id), 
	CONSTRAINT fk_badge_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_badge_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT uq_badge_key UNIQUE ("key")
);
CREATE INDEX ix_badge_person_id_about ON badge (person_id, about);
CREATE INDEX ix_badge_school_id ON badge (school_id);
CREATE TABLE badge_revocation (
	badge_id INTEGER NOT NULL, 
	reason VARCHAR(300) NOT NULL, 
	revoked_by_id INTEGER NOT NULL, 
	revoked_at DATETIME NOT NULL, 
	CONSTRAINT pk_badge_revocation PRIMARY KEY (badge_id), 
	CONSTRAINT fk_badge_revocation_badge_id FOREIGN KEY(badge_id) REFERENCES badge (id), 
	CONSTRAINT fk_badge_revocation_revoked_by_id FOREIGN KEY(revoked_by_id) REFERENCES person (id)
);
CREATE TRIGGER badge_no_update BEFORE UPDATE ON badge BEGIN SELECT RAISE(ABORT, 'rows of badge are never changed or removed'); END;
CREATE TRIGGER badge_no_delete BEFORE DELETE ON badge BEGIN SELECT RAISE(ABORT, 'rows of badge are never changed or removed'); END;
CREATE TRIGGER badge_revocation_no_update BEFORE UPDATE ON badge_revocation BEGIN SELECT RAISE(ABORT, 'rows of badge_revocation are never changed or removed'); END;
CREATE TRIGGER badge_revocation_no_delete BEFORE DELETE ON badge_revocation BEGIN SELECT RAISE(ABORT, 'rows of badge_revocation are never changed or removed'); END;
CREATE TABLE distance_activity (
	half_day_id INTEGER NOT NULL, 
	assignment_id INTEGER NOT NULL, 
	title VARCHAR(200) NOT NULL, 
	set_by_id INTEGER NOT NULL, 
	set_at DATETIME NOT NULL, 
	CONSTRAINT pk_distance_activity PRIMARY KEY (half_day_id), 
	CONSTRAINT fk_distance_activity_assignment_id FOREIGN KEY(assignment_id) REFERENCES assignment (id), 
	CONSTRAINT fk_distance_activity_half_day_id FOREIGN KEY(half_day_id) REFERENCES half_day (id), 
	CONSTRAINT fk_distance_activity_set_by_id FOREIGN KEY(set_by_id) REFERENCES person (id)
);
CREATE INDEX ix_distance_activity_assignment_id ON distance_activity (assignment_id);
CREATE TABLE "review_round" (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	assignment_id INTEGER NOT NULL, 
	deliverable_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	title VARCHAR(200) NOT NULL, 
	wanted INTEGER NOT NULL, 
	is_named BOOLEAN NOT NULL, 
	is_formative BOOLEAN NOT NULL, 
	pass_mark INTEGER, 
	seed INTEGER NOT NULL, 
	criteria JSON NOT NULL, 
	starts_at DATETIME NOT NULL, 
	ends_at DATETIME NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	opened_by_id INTEGER NOT NULL, 
	opened_at DATETIME NOT NULL, 
	released_at DATETIME, 
	is_oral BOOLEAN DEFAULT 0 NOT NULL, learnt JSON, piece_ids JSON DEFAULT '[]' NOT NULL, 
	CONSTRAINT pk_review_round PRIMARY KEY (id), 
	CONSTRAINT fk_review_round_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_review_round_deliverable_id FOREIGN KEY(deliverable_id) REFERENCES deliverable (id), 
	CONSTRAINT fk_review_round_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT ck_review_round_window CHECK (starts_at < ends_at), 
	CONSTRAINT fk_review_round_assignment_id FOREIGN KEY(assignment_id) REFERENCES assignment (id), 
	CONSTRAINT fk_review_round_opened_by_id FOREIGN KEY(opened_by_id) REFERENCES person (id), 
	CONSTRAINT uq_review_round_deliverable_id_number UNIQUE (deliverable_id, number)
);
CREATE INDEX ix_review_round_school_id ON review_round (school_id);
CREATE INDEX ix_review_round_assignment_id ON review_round (assignment_id);
CREATE INDEX ix_review_round_cohort_id ON review_round (cohort_id);
CREATE INDEX ix_review_round_state_starts_at ON review_round (state, starts_at);
CREATE TABLE oral_slot (
	id INTEGER NOT NULL, 
	"key" VARCHAR(24) NOT NULL, 
	round_id INTEGER NOT NULL, 
	work_id INTEGER NOT NULL, 
	offered_by_id INTEGER NOT NULL, 
	starts_at DATETIME NOT NULL, 
	minutes INTEGER NOT NULL, 
	spot VARCHAR(120) NOT NULL, 
	offered_at DATETIME NOT NULL, 
	booked_by_id INTEGER, 
	booked_at DATETIME, 
	author_said_at DATETIME, 
	reviewer_said_at DATETIME, 
	called_off_at DATETIME, 
	called_off_by_id INTEGER, 
	review_id INTEGER, 
	CONSTRAINT pk_oral_slot PRIMARY KEY (id), 
	CONSTRAINT ck_oral_slot_minutes CHECK (minutes > 0), 
	CONSTRAINT fk_oral_slot_booked_by_id FOREIGN KEY(booked_by_id) REFERENCES person (id), 
	CONSTRAINT fk_oral_slot_called_off_by_id FOREIGN KEY(called_off_by_id) REFERENCES person (id), 
	CONSTRAINT fk_oral_slot_offered_by_id FOREIGN KEY(offered_by_id) REFERENCES person (id), 
	CONSTRAINT fk_oral_slot_review_id FOREIGN KEY(review_id) REFERENCES review (id), 
	CONSTRAINT fk_oral_slot_round_id FOREIGN KEY(round_id) REFERENCES review_round (id), 
	CONSTRAINT fk_oral_slot_work_id FOREIGN KEY(work_id) REFERENCES review_work (id), 
	CONSTRAINT uq_oral_slot_key UNIQUE ("key")
);
CREATE INDEX ix_oral_slot_booked_by_id ON oral_slot (booked_by_id);
CREATE INDEX ix_oral_slot_offered_by_id ON oral_slot (offered_by_id);
CREATE INDEX ix_oral_slot_round_id_starts_at ON oral_slot (round_id, starts_at);
CREATE INDEX ix_oral_slot_work_id ON oral_slot (work_id);
CREATE TABLE questionnaire (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	enrolment_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	moment VARCHAR(16) NOT NULL, 
	due_on DATE NOT NULL, 
	secret VARCHAR(32) NOT NULL, 
	messages INTEGER NOT NULL, 
	written_at DATETIME, 
	created_at DATETIME NOT NULL, draft JSON, 
	CONSTRAINT pk_questionnaire PRIMARY KEY (id), 
	CONSTRAINT fk_questionnaire_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_questionnaire_enrolment_id FOREIGN KEY(enrolment_id) REFERENCES enrolment (id), 
	CONSTRAINT fk_questionnaire_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_questionnaire_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT uq_questionnaire_enrolment_id_moment UNIQUE (enrolment_id, moment), 
	CONSTRAINT uq_questionnaire_secret UNIQUE (secret)
);
CREATE INDEX ix_questionnaire_cohort_id_moment ON questionnaire (cohort_id, moment);
CREATE INDEX ix_questionnaire_person_id ON questionnaire (person_id);
CREATE INDEX ix_questionnaire_school_id ON questionnaire (school_id);
CREATE TABLE questionnaire_answer (
	id INTEGER NOT NULL, 
	questionnaire_id INTEGER NOT NULL, 
	situation VARCHAR(16) NOT NULL, 
	source VARCHAR(10) NOT NULL, 
	rating INTEGER, 
	comment TEXT NOT NULL, 
	said_by_id INTEGER, 
	said_at DATETIME NOT NULL, 
	CONSTRAINT pk_questionnaire_answer PRIMARY KEY (id), 
	CONSTRAINT fk_questionnaire_answer_questionnaire_id FOREIGN KEY(questionnaire_id) REFERENCES questionnaire (id), 
	CONSTRAINT fk_questionnaire_answer_said_by_id FOREIGN KEY(said_by_id) REFERENCES person (id)
);
CREATE INDEX ix_questionnaire_answer_questionnaire_id ON questionnaire_answer (questionnaire_id);
CREATE TRIGGER questionnaire_answer_no_update BEFORE UPDATE ON questionnaire_answer BEGIN SELECT RAISE(ABORT, 'rows of questionnaire_answer are never changed or removed'); END;
CREATE TABLE "review_estimate" (
	work_id INTEGER NOT NULL, 
	round_id INTEGER NOT NULL, 
	reviews INTEGER NOT NULL, 
	estimate DOUBLE, 
	sd DOUBLE, 
	low DOUBLE, 
	high DOUBLE, 
	plain DOUBLE, 
	made_at DATETIME NOT NULL, 
	factor FLOAT, 
	is_graded BOOLEAN DEFAULT 0 NOT NULL, 
	misses FLOAT, 
	CONSTRAINT pk_review_estimate PRIMARY KEY (work_id), 
	CONSTRAINT fk_review_estimate_round_id FOREIGN KEY(round_id) REFERENCES review_round (id), 
	CONSTRAINT fk_review_estimate_work_id FOREIGN KEY(work_id) REFERENCES review_work (id)
);
CREATE INDEX ix_review_estimate_round_id ON review_estimate (round_id);
CREATE TABLE funder_code (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	funder_id INTEGER NOT NULL, 
	code VARCHAR(10) NOT NULL, 
	funder_code VARCHAR(20) NOT NULL, 
	words VARCHAR(80) NOT NULL, 
	is_accepted BOOLEAN NOT NULL, 
	since DATE NOT NULL, 
	said_by_id INTEGER NOT NULL, 
	said_at DATETIME NOT NULL, 
	CONSTRAINT pk_funder_code PRIMARY KEY (id), 
	CONSTRAINT fk_funder_code_funder_id FOREIGN KEY(funder_id) REFERENCES funder (id), 
	CONSTRAINT fk_funder_code_said_by_id FOREIGN KEY(said_by_id) REFERENCES person (id), 
	CONSTRAINT fk_funder_code_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_funder_code_school_id_funder_id ON funder_code (school_id, funder_id);
CREATE INDEX ix_funder_code_funder_id ON funder_code (funder_id);
CREATE TRIGGER funder_code_no_update BEFORE UPDATE ON funder_code BEGIN SELECT RAISE(ABORT, 'rows of funder_code are never changed or removed'); END;
CREATE TRIGGER funder_code_no_delete BEFORE DELETE ON funder_code BEGIN SELECT RAISE(ABORT, 'rows of funder_code are never changed or removed'); END;
CREATE TABLE round_guest (
	id INTEGER NOT NULL, 
	round_id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	deliverable_id INTEGER NOT NULL, 
	asked_by_id INTEGER NOT NULL, 
	asked_at DATETIME NOT NULL, 
	answered_by_id INTEGER, 
	answered_at DATETIME, 
	agreed BOOLEAN NOT NULL, 
	CONSTRAINT pk_round_guest PRIMARY KEY (id), 
	CONSTRAINT fk_round_guest_answered_by_id FOREIGN KEY(answered_by_id) REFERENCES person (id), 
	CONSTRAINT fk_round_guest_asked_by_id FOREIGN KEY(asked_by_id) REFERENCES person (id), 
	CONSTRAINT fk_round_guest_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_round_guest_deliverable_id FOREIGN KEY(deliverable_id) REFERENCES deliverable (id), 
	CONSTRAINT fk_round_guest_round_id FOREIGN KEY(round_id) REFERENCES review_round (id), 
	CONSTRAINT fk_round_guest_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT uq_round_guest_round_id_cohort_id UNIQUE (round_id, cohort_id)
);
CREATE INDEX ix_round_guest_cohort_id ON round_guest (cohort_id);
CREATE INDEX ix_round_guest_deliverable_id ON round_guest (deliverable_id);
CREATE INDEX ix_round_guest_school_id ON round_guest (school_id);
CREATE TABLE "reviewer" (
	id INTEGER NOT NULL, 
	round_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	state VARCHAR(8) NOT NULL, 
	extra BOOLEAN NOT NULL, 
	joined_at DATETIME NOT NULL, 
	reminders INTEGER NOT NULL, 
	reminded_at DATETIME, 
	cohort_id INTEGER, 
	CONSTRAINT pk_reviewer PRIMARY KEY (id), 
	CONSTRAINT fk_reviewer_round_id FOREIGN KEY(round_id) REFERENCES review_round (id), 
	CONSTRAINT uq_reviewer_round_id_person_id UNIQUE (round_id, person_id), 
	CONSTRAINT fk_reviewer_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT uq_reviewer_round_id_number UNIQUE (round_id, number), 
	CONSTRAINT fk_reviewer_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id)
);
CREATE INDEX ix_reviewer_person_id ON reviewer (person_id);
CREATE TABLE device_session (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	device_hash VARCHAR(64) NOT NULL, 
	token_hash VARCHAR(64) NOT NULL, 
	browser VARCHAR(20) NOT NULL, 
	system VARCHAR(20) NOT NULL, 
	network VARCHAR(40) NOT NULL, 
	began_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	CONSTRAINT pk_device_session PRIMARY KEY (id), 
	CONSTRAINT fk_device_session_person_id FOREIGN KEY(person_id) REFERENCES person (id)
);
CREATE INDEX ix_device_session_began_at ON device_session (began_at);
CREATE INDEX ix_device_session_person_id_began_at ON device_session (person_id, began_at);
CREATE TABLE survey_total (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	moment VARCHAR(16) NOT NULL, 
	asked INTEGER NOT NULL, 
	answered INTEGER NOT NULL, 
	positive INTEGER NOT NULL, 
	lasting INTEGER NOT NULL, 
	unreached INTEGER NOT NULL, 
	satisfied INTEGER NOT NULL, 
	rated INTEGER NOT NULL, 
	CONSTRAINT pk_survey_total PRIMARY KEY (id), 
	CONSTRAINT fk_survey_total_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_survey_total_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT uq_survey_total_cohort_id_moment UNIQUE (cohort_id, moment)
);
CREATE INDEX ix_survey_total_school_id ON survey_total (school_id);
CREATE TABLE api_key (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	hint VARCHAR(8) NOT NULL, 
	scopes JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	last_used_at DATETIME, 
	window_began_at DATETIME, 
	window_used INTEGER NOT NULL, 
	CONSTRAINT pk_api_key PRIMARY KEY (id), 
	CONSTRAINT fk_api_key_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT uq_api_key_hash UNIQUE (hash)
);
CREATE INDEX ix_api_key_person_id ON api_key (person_id);
CREATE TABLE audit_about (
	entry_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	CONSTRAINT pk_audit_about PRIMARY KEY (entry_id, person_id), 
	CONSTRAINT fk_audit_about_entry_id FOREIGN KEY(entry_id) REFERENCES audit_entry (id)
);
CREATE INDEX ix_audit_about_person_id ON audit_about (person_id);
CREATE TABLE audit_link (
	entry_id INTEGER NOT NULL, 
	chain INTEGER NOT NULL, 
	sequence INTEGER NOT NULL, 
	previous_hash VARCHAR(64) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_audit_link PRIMARY KEY (entry_id), 
	CONSTRAINT fk_audit_link_entry_id FOREIGN KEY(entry_id) REFERENCES audit_entry (id), 
	CONSTRAINT uq_audit_link_chain_sequence UNIQUE (chain, sequence)
);
CREATE TABLE file_reading (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	"on" DATE NOT NULL, 
	reader_id INTEGER NOT NULL, 
	part VARCHAR(20) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_file_reading PRIMARY KEY (id), 
	CONSTRAINT uq_file_reading_person_id_on_reader_id_part UNIQUE (person_id, "on", reader_id, part)
);
CREATE INDEX ix_file_reading_at ON file_reading (at);
CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry BEGIN SELECT RAISE(ABORT, 'rows of audit_entry are never changed or removed'); END;
CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry BEGIN SELECT RAISE(ABORT, 'rows of audit_entry are never changed or removed'); END;
CREATE TRIGGER audit_about_no_update BEFORE UPDATE ON audit_about BEGIN SELECT RAISE(ABORT, 'rows of audit_about are never changed or removed'); END;
CREATE TRIGGER audit_about_no_delete BEFORE DELETE ON audit_about BEGIN SELECT RAISE(ABORT, 'rows of audit_about are never changed or removed'); END;
CREATE TRIGGER audit_link_no_update BEFORE UPDATE ON audit_link BEGIN SELECT RAISE(ABORT, 'rows of audit_link are never changed or removed'); END;
CREATE TRIGGER audit_link_no_delete BEFORE DELETE ON audit_link BEGIN SELECT RAISE(ABORT, 'rows of audit_link are never changed or removed'); END;
CREATE TABLE outgoing_hook (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	url VARCHAR(2000) NOT NULL, 
	events JSON NOT NULL, 
	secret_encrypted TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	worked_at DATETIME, 
	waits_until DATETIME, 
	stopped_at DATETIME, 
	is_given_up BOOLEAN NOT NULL, 
	ended_at DATETIME, 
	CONSTRAINT pk_outgoing_hook PRIMARY KEY (id), 
	CONSTRAINT fk_outgoing_hook_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_outgoing_hook_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_outgoing_hook_person_id ON outgoing_hook (person_id);
CREATE INDEX ix_outgoing_hook_school_id ON outgoing_hook (school_id);
CREATE TABLE outgoing_event (
	id INTEGER NOT NULL, 
	webhook_id INTEGER NOT NULL, 
	event VARCHAR(30) NOT NULL, 
	subject_id INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	outcome VARCHAR(10) NOT NULL, 
	attempts INTEGER NOT NULL, 
	first_tried_at DATETIME, 
	next_at DATETIME, 
	CONSTRAINT pk_outgoing_event PRIMARY KEY (id), 
	CONSTRAINT fk_outgoing_event_webhook_id FOREIGN KEY(webhook_id) REFERENCES outgoing_hook (id), 
	CONSTRAINT uq_outgoing_event_webhook_id_event_subject_id UNIQUE (webhook_id, event, subject_id)
);
CREATE INDEX ix_outgoing_event_webhook_id_outcome_next_at ON outgoing_event (webhook_id, outcome, next_at);
CREATE TABLE outgoing_try (
	id INTEGER NOT NULL, 
	delivery_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	status INTEGER NOT NULL, 
	error VARCHAR(200) NOT NULL, 
	milliseconds INTEGER NOT NULL, 
	CONSTRAINT pk_outgoing_try PRIMARY KEY (id), 
	CONSTRAINT fk_outgoing_try_delivery_id FOREIGN KEY(delivery_id) REFERENCES outgoing_event (id)
);
CREATE INDEX ix_outgoing_try_delivery_id ON outgoing_try (delivery_id);
CREATE TRIGGER outgoing_try_no_update BEFORE UPDATE ON outgoing_try BEGIN SELECT RAISE(ABORT, 'rows of outgoing_try are never changed or removed'); END;
CREATE TRIGGER outgoing_try_no_delete BEFORE DELETE ON outgoing_try BEGIN SELECT RAISE(ABORT, 'rows of outgoing_try are never changed or removed'); END;
CREATE TABLE report_figures (
	id INTEGER NOT NULL, 
	school_id INTEGER, 
	year INTEGER NOT NULL, 
	figures JSON NOT NULL, 
	said_by_id INTEGER NOT NULL, 
	said_at DATETIME NOT NULL, 
	CONSTRAINT pk_report_figures PRIMARY KEY (id), 
	CONSTRAINT fk_report_figures_said_by_id FOREIGN KEY(said_by_id) REFERENCES person (id), 
	CONSTRAINT fk_report_figures_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_report_figures_school_id_year ON report_figures (school_id, year);
CREATE TRIGGER report_figures_no_update BEFORE UPDATE ON report_figures BEGIN SELECT RAISE(ABORT, 'rows of report_figures are never changed or removed'); END;
CREATE TRIGGER report_figures_no_delete BEFORE DELETE ON report_figures BEGIN SELECT RAISE(ABORT, 'rows of report_figures are never changed or removed'); END;
CREATE TABLE door (
	id INTEGER NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	school_id INTEGER, 
	funder_id INTEGER, 
	person_id INTEGER, 
	secret_hash VARCHAR(64) NOT NULL, 
	secret_kept VARCHAR(300) NOT NULL, 
	for_whom VARCHAR(160) NOT NULL, 
	mail VARCHAR(254) NOT NULL, 
	covers_from DATE, 
	covers_to DATE, 
	ends_on DATE, 
	opened_by_id INTEGER NOT NULL, 
	opened_at DATETIME NOT NULL, 
	closed_by_id INTEGER, 
	closed_at DATETIME, 
	CONSTRAINT pk_door PRIMARY KEY (id), 
	CONSTRAINT ck_door_held CHECK (person_id IS NOT NULL OR secret_hash <> ''), 
	CONSTRAINT ck_door_payer CHECK (kind <> 'funder' OR funder_id IS NOT NULL), 
	CONSTRAINT fk_door_closed_by_id FOREIGN KEY(closed_by_id) REFERENCES person (id), 
	CONSTRAINT fk_door_funder_id FOREIGN KEY(funder_id) REFERENCES funder (id), 
	CONSTRAINT fk_door_opened_by_id FOREIGN KEY(opened_by_id) REFERENCES person (id), 
	CONSTRAINT fk_door_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_door_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_door_school_id ON door (school_id);
CREATE INDEX ix_door_funder_id ON door (funder_id);
CREATE INDEX ix_door_person_id ON door (person_id);
CREATE INDEX ix_door_secret_hash ON door (secret_hash);
CREATE TABLE door_question (
	id INTEGER NOT NULL, 
	door_id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	enrolment_id INTEGER NOT NULL, 
	document_id INTEGER, 
	text VARCHAR(2000) NOT NULL, 
	asked_at DATETIME NOT NULL, 
	CONSTRAINT pk_door_question PRIMARY KEY (id), 
	CONSTRAINT fk_door_question_document_id FOREIGN KEY(document_id) REFERENCES document (id), 
	CONSTRAINT fk_door_question_door_id FOREIGN KEY(door_id) REFERENCES door (id), 
	CONSTRAINT fk_door_question_enrolment_id FOREIGN KEY(enrolment_id) REFERENCES enrolment (id), 
	CONSTRAINT fk_door_question_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_door_question_door_id ON door_question (door_id);
CREATE INDEX ix_door_question_document_id ON door_question (document_id);
CREATE INDEX ix_door_question_enrolment_id ON door_question (enrolment_id);
CREATE INDEX ix_door_question_school_id_asked_at ON door_question (school_id, asked_at);
CREATE TRIGGER door_question_no_delete BEFORE DELETE ON door_question BEGIN SELECT RAISE(ABORT, 'rows of door_question are never changed or removed'); END;
CREATE TABLE door_answer (
	id INTEGER NOT NULL, 
	question_id INTEGER NOT NULL, 
	text VARCHAR(2000) NOT NULL, 
	by_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_door_answer PRIMARY KEY (id), 
	CONSTRAINT fk_door_answer_by_id FOREIGN KEY(by_id) REFERENCES person (id), 
	CONSTRAINT fk_door_answer_question_id FOREIGN KEY(question_id) REFERENCES door_question (id)
);
CREATE INDEX ix_door_answer_question_id ON door_answer (question_id);
CREATE TRIGGER door_answer_no_delete BEFORE DELETE ON door_answer BEGIN SELECT RAISE(ABORT, 'rows of door_answer are never changed or removed'); END;
CREATE TABLE whole_file (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	enrolment_id INTEGER NOT NULL, 
	door_id INTEGER, 
	asked_by_id INTEGER, 
	asked_at DATETIME NOT NULL, 
	total INTEGER NOT NULL, 
	done INTEGER NOT NULL, 
	parts JSON NOT NULL, 
	finished_at DATETIME, 
	archive_hash VARCHAR(64) NOT NULL, 
	archive_size INTEGER NOT NULL, 
	CONSTRAINT pk_whole_file PRIMARY KEY (id), 
	CONSTRAINT fk_whole_file_asked_by_id FOREIGN KEY(asked_by_id) REFERENCES person (id), 
	CONSTRAINT fk_whole_file_door_id FOREIGN KEY(door_id) REFERENCES door (id), 
	CONSTRAINT fk_whole_file_enrolment_id FOREIGN KEY(enrolment_id) REFERENCES enrolment (id), 
	CONSTRAINT fk_whole_file_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_whole_file_door_id ON whole_file (door_id);
CREATE INDEX ix_whole_file_enrolment_id ON whole_file (enrolment_id);
CREATE INDEX ix_whole_file_school_id ON whole_file (school_id);
CREATE TABLE data_copy (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	asked_at DATETIME NOT NULL, 
	made_at DATETIME, 
	archive_hash VARCHAR(64) NOT NULL, 
	archive_size INTEGER NOT NULL, 
	CONSTRAINT pk_data_copy PRIMARY KEY (id), 
	CONSTRAINT fk_data_copy_person_id FOREIGN KEY(person_id) REFERENCES person (id)
);
CREATE INDEX ix_data_copy_person_id ON data_copy (person_id);
CREATE TABLE company_evaluation (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	enrolment_id INTEGER NOT NULL, 
	period_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	marks JSON NOT NULL, 
	comment TEXT NOT NULL, 
	tutor_name VARCHAR(120) NOT NULL, 
	noted_by_id INTEGER, 
	written_at DATETIME NOT NULL, 
	CONSTRAINT pk_company_evaluation PRIMARY KEY (id), 
	CONSTRAINT fk_company_evaluation_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT fk_company_evaluation_enrolment_id FOREIGN KEY(enrolment_id) REFERENCES enrolment (id), 
	CONSTRAINT fk_company_evaluation_period_id FOREIGN KEY(period_id) REFERENCES company_period (id), 
	CONSTRAINT fk_company_evaluation_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_company_evaluation_noted_by_id FOREIGN KEY(noted_by_id) REFERENCES person (id)
);
CREATE INDEX ix_company_evaluation_school_id ON company_evaluation (school_id);
CREATE INDEX ix_company_evaluation_enrolment_id ON company_evaluation (enrolment_id);
CREATE INDEX ix_company_evaluation_period_id ON company_evaluation (period_id);
CREATE INDEX ix_company_evaluation_person_id ON company_evaluation (person_id);
CREATE TRIGGER company_evaluation_no_update BEFORE UPDATE ON company_evaluation BEGIN SELECT RAISE(ABORT, 'rows of company_evaluation are never changed or removed'); END;
CREATE TABLE company_visit (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	enrolment_id INTEGER NOT NULL, 
	period_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	"on" DATE NOT NULL, 
	how VARCHAR(8) NOT NULL, 
	met VARCHAR(200) NOT NULL, 
	tasks TEXT NOT NULL, 
	goes_well TEXT NOT NULL, 
	next_steps TEXT NOT NULL, 
	visited_by_id INTEGER NOT NULL, 
	written_at DATETIME NOT NULL, 
	CONSTRAINT pk_company_visit PRIMARY KEY (id), 
	CONSTRAINT fk_company_visit_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT fk_company_visit_enrolment_id FOREIGN KEY(enrolment_id) REFERENCES enrolment (id), 
	CONSTRAINT fk_company_visit_period_id FOREIGN KEY(period_id) REFERENCES company_period (id), 
	CONSTRAINT fk_company_visit_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_company_visit_visited_by_id FOREIGN KEY(visited_by_id) REFERENCES person (id)
);
CREATE INDEX ix_company_visit_school_id ON company_visit (school_id);
CREATE INDEX ix_company_visit_enrolment_id ON company_visit (enrolment_id);
CREATE INDEX ix_company_visit_period_id ON company_visit (period_id);
CREATE INDEX ix_company_visit_person_id ON company_visit (person_id);
CREATE TRIGGER company_visit_no_update BEFORE UPDATE ON company_visit BEGIN SELECT RAISE(ABORT, 'rows of company_visit are never changed or removed'); END;
CREATE TABLE operation (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	name VARCHAR(160) NOT NULL, 
	number VARCHAR(60) NOT NULL, 
	referent VARCHAR(120) NOT NULL, 
	starts_on DATE NOT NULL, 
	ends_on DATE NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_operation PRIMARY KEY (id), 
	CONSTRAINT ck_operation_dates CHECK (ends_on >= starts_on), 
	CONSTRAINT fk_operation_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_operation_school_id ON operation (school_id);
CREATE TABLE operation_terms (
	id INTEGER NOT NULL, 
	operation_id INTEGER NOT NULL, 
	since DATE NOT NULL, 
	exit_days INTEGER NOT NULL, 
	asks JSON NOT NULL, 
	said_by_id INTEGER NOT NULL, 
	said_at DATETIME NOT NULL, 
	CONSTRAINT pk_operation_terms PRIMARY KEY (id), 
	CONSTRAINT fk_operation_terms_operation_id FOREIGN KEY(operation_id) REFERENCES operation (id), 
	CONSTRAINT fk_operation_terms_said_by_id FOREIGN KEY(said_by_id) REFERENCES person (id)
);
CREATE INDEX ix_operation_terms_operation_id ON operation_terms (operation_id);
CREATE TABLE operation_funding (
	funding_id INTEGER NOT NULL, 
	operation_id INTEGER NOT NULL, 
	CONSTRAINT pk_operation_funding PRIMARY KEY (funding_id), 
	CONSTRAINT fk_operation_funding_funding_id FOREIGN KEY(funding_id) REFERENCES funding (id), 
	CONSTRAINT fk_operation_funding_operation_id FOREIGN KEY(operation_id) REFERENCES operation (id)
);
CREATE INDEX ix_operation_funding_operation_id ON operation_funding (operation_id);
CREATE TABLE participant_answer (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	operation_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	moment VARCHAR(16) NOT NULL, 
	asked JSON NOT NULL, 
	facts JSON NOT NULL, 
	said_on DATE NOT NULL, 
	said_at DATETIME NOT NULL, 
	CONSTRAINT pk_participant_answer PRIMARY KEY (id), 
	CONSTRAINT fk_participant_answer_operation_id FOREIGN KEY(operation_id) REFERENCES operation (id), 
	CONSTRAINT fk_participant_answer_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_participant_answer_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_participant_answer_operation_id_person_id ON participant_answer (operation_id, person_id);
CREATE INDEX ix_participant_answer_person_id ON participant_answer (person_id);
CREATE INDEX ix_participant_answer_school_id ON participant_answer (school_id);
CREATE TABLE participant_form (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	operation_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	moment VARCHAR(16) NOT NULL, 
	link_hash VARCHAR(32) NOT NULL, 
	draft TEXT, 
	made_at DATETIME NOT NULL, 
	sent_at DATETIME, 
	CONSTRAINT pk_participant_form PRIMARY KEY (id), 
	CONSTRAINT fk_participant_form_operation_id FOREIGN KEY(operation_id) REFERENCES operation (id), 
	CONSTRAINT fk_participant_form_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_participant_form_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT uq_participant_form_link_hash UNIQUE (link_hash), 
	CONSTRAINT uq_participant_form_operation_id_person_id_moment UNIQUE (operation_id, person_id, moment)
);
CREATE INDEX ix_participant_form_person_id ON participant_form (person_id);
CREATE INDEX ix_participant_form_school_id ON participant_form (school_id);
CREATE TABLE participant_locked (
	answer_id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	said TEXT NOT NULL, 
	CONSTRAINT pk_participant_locked PRIMARY KEY (answer_id), 
	CONSTRAINT fk_participant_locked_answer_id FOREIGN KEY(answer_id) REFERENCES participant_answer (id), 
	CONSTRAINT fk_participant_locked_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_participant_locked_school_id ON participant_locked (school_id);
CREATE TRIGGER operation_terms_no_update BEFORE UPDATE ON operation_terms BEGIN SELECT RAISE(ABORT, 'rows of operation_terms are never changed or removed'); END;
CREATE TRIGGER operation_terms_no_delete BEFORE DELETE ON operation_terms BEGIN SELECT RAISE(ABORT, 'rows of operation_terms are never changed or removed'); END;
CREATE TRIGGER participant_answer_no_update BEFORE UPDATE ON participant_answer BEGIN SELECT RAISE(ABORT, 'rows of participant_answer are never changed or removed'); END;
CREATE TABLE passkey (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	credential_id VARCHAR(1400) NOT NULL, 
	public_key TEXT NOT NULL, 
	sign_count BIGINT NOT NULL, 
	created_at DATETIME NOT NULL, 
	last_used_at DATETIME, 
	ended_at DATETIME, 
	CONSTRAINT pk_passkey PRIMARY KEY (id), 
	CONSTRAINT fk_passkey_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT uq_passkey_credential_id UNIQUE (credential_id)
);
CREATE INDEX ix_passkey_person_id ON passkey (person_id);
CREATE TABLE spent_challenge (
	challenge_hash VARCHAR(64) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_spent_challenge PRIMARY KEY (challenge_hash)
);
CREATE INDEX ix_spent_challenge_at ON spent_challenge (at);
CREATE TABLE kairos_entry (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	enrolment_id INTEGER, 
	step VARCHAR(12) NOT NULL, 
	value VARCHAR(60) NOT NULL, 
	by_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_kairos_entry PRIMARY KEY (id), 
	CONSTRAINT fk_kairos_entry_by_id FOREIGN KEY(by_id) REFERENCES person (id), 
	CONSTRAINT fk_kairos_entry_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_kairos_entry_enrolment_id FOREIGN KEY(enrolment_id) REFERENCES enrolment (id), 
	CONSTRAINT fk_kairos_entry_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_kairos_entry_cohort_id ON kairos_entry (cohort_id);
CREATE INDEX ix_kairos_entry_enrolment_id ON kairos_entry (enrolment_id);
CREATE INDEX ix_kairos_entry_school_id ON kairos_entry (school_id);
CREATE TRIGGER kairos_entry_no_update BEFORE UPDATE ON kairos_entry BEGIN SELECT RAISE(ABORT, 'rows of kairos_entry are never changed or removed'); END;
CREATE TRIGGER kairos_entry_no_delete BEFORE DELETE ON kairos_entry BEGIN SELECT RAISE(ABORT, 'rows of kairos_entry are never changed or removed'); END;
CREATE TABLE evidence_piece (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	indicator INTEGER NOT NULL, 
	title VARCHAR(160) NOT NULL, 
	dated_on DATE NOT NULL, 
	file_hash VARCHAR(64) NOT NULL, 
	file_name VARCHAR(200) NOT NULL, 
	media_type VARCHAR(100) NOT NULL, 
	by_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_evidence_piece PRIMARY KEY (id), 
	CONSTRAINT fk_evidence_piece_by_id FOREIGN KEY(by_id) REFERENCES person (id), 
	CONSTRAINT fk_evidence_piece_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_evidence_piece_school_id_indicator ON evidence_piece (school_id, indicator);
CREATE TRIGGER evidence_piece_no_update BEFORE UPDATE ON evidence_piece BEGIN SELECT RAISE(ABORT, 'rows of evidence_piece are never changed or removed'); END;
CREATE TRIGGER evidence_piece_no_delete BEFORE DELETE ON evidence_piece BEGIN SELECT RAISE(ABORT, 'rows of evidence_piece are never changed or removed'); END;
CREATE TABLE evidence_pack (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	year INTEGER NOT NULL, 
	asked_by_id INTEGER NOT NULL, 
	asked_at DATETIME NOT NULL, 
	done INTEGER NOT NULL, 
	total INTEGER NOT NULL, 
	parts JSON NOT NULL, 
	finished_at DATETIME, 
	archive_hash VARCHAR(64) NOT NULL, 
	archive_size INTEGER NOT NULL, 
	CONSTRAINT pk_evidence_pack PRIMARY KEY (id), 
	CONSTRAINT fk_evidence_pack_asked_by_id FOREIGN KEY(asked_by_id) REFERENCES person (id), 
	CONSTRAINT fk_evidence_pack_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_evidence_pack_school_id_year ON evidence_pack (school_id, year);
CREATE TABLE review_piece (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	deliverable_key VARCHAR(64) NOT NULL, 
	title VARCHAR(120) NOT NULL, 
	text TEXT NOT NULL, 
	criteria JSON NOT NULL, 
	marks JSON NOT NULL, 
	whys JSON NOT NULL, 
	score FLOAT NOT NULL, 
	made_by_id INTEGER NOT NULL, 
	made_at DATETIME NOT NULL, 
	retired_at DATETIME, 
	CONSTRAINT pk_review_piece PRIMARY KEY (id), 
	CONSTRAINT fk_review_piece_made_by_id FOREIGN KEY(made_by_id) REFERENCES person (id), 
	CONSTRAINT fk_review_piece_project_id FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT fk_review_piece_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_review_piece_project_id ON review_piece (project_id);
CREATE INDEX ix_review_piece_school_id_project_id ON review_piece (school_id, project_id);
CREATE TABLE piece_review (
	id INTEGER NOT NULL, 
	round_id INTEGER NOT NULL, 
	piece_id INTEGER NOT NULL, 
	reviewer_id INTEGER NOT NULL, 
	"key" VARCHAR(24) NOT NULL, 
	draft JSON NOT NULL, 
	opened_at DATETIME NOT NULL, 
	saved_at DATETIME, 
	submitted_at DATETIME, 
	score FLOAT, 
	CONSTRAINT pk_piece_review PRIMARY KEY (id), 
	CONSTRAINT fk_piece_review_piece_id FOREIGN KEY(piece_id) REFERENCES review_piece (id), 
	CONSTRAINT fk_piece_review_reviewer_id FOREIGN KEY(reviewer_id) REFERENCES reviewer (id), 
	CONSTRAINT fk_piece_review_round_id FOREIGN KEY(round_id) REFERENCES review_round (id), 
	CONSTRAINT uq_piece_review_key UNIQUE ("key"), 
	CONSTRAINT uq_piece_review_reviewer_id_piece_id UNIQUE (reviewer_id, piece_id)
);
CREATE INDEX ix_piece_review_piece_id ON piece_review (piece_id);
CREATE INDEX ix_piece_review_round_id_submitted_at ON piece_review (round_id, submitted_at);
CREATE TABLE review_copy (
	id INTEGER NOT NULL, 
	submission_id INTEGER NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	rank INTEGER NOT NULL, 
	path VARCHAR(300) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	size INTEGER NOT NULL, 
	lines INTEGER NOT NULL, 
	made_at DATETIME NOT NULL, 
	CONSTRAINT pk_review_copy PRIMARY KEY (id), 
	CONSTRAINT fk_review_copy_submission_id FOREIGN KEY(submission_id) REFERENCES submission (id), 
	CONSTRAINT uq_review_copy_submission_id_kind_rank UNIQUE (submission_id, kind, rank)
);
CREATE TABLE report_layout (
	id INTEGER NOT NULL, 
	listed VARCHAR(20) NOT NULL, 
	funder_id INTEGER, 
	version INTEGER NOT NULL, 
	columns JSON NOT NULL, 
	restores INTEGER, 
	said_by_id INTEGER NOT NULL, 
	said_at DATETIME NOT NULL, 
	CONSTRAINT pk_report_layout PRIMARY KEY (id), 
	CONSTRAINT fk_report_layout_funder_id FOREIGN KEY(funder_id) REFERENCES funder (id), 
	CONSTRAINT fk_report_layout_said_by_id FOREIGN KEY(said_by_id) REFERENCES person (id)
);
CREATE INDEX ix_report_layout_funder_id ON report_layout (funder_id);
CREATE INDEX ix_report_layout_listed_version ON report_layout (listed, version);
CREATE TRIGGER report_layout_no_update BEFORE UPDATE ON report_layout BEGIN SELECT RAISE(ABORT, 'rows of report_layout are never changed or removed'); END;
CREATE TRIGGER report_layout_no_delete BEFORE DELETE ON report_layout BEGIN SELECT RAISE(ABORT, 'rows of report_layout are never changed or removed'); END;
CREATE TABLE report_schedule (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	listed VARCHAR(20) NOT NULL, 
	funder_id INTEGER NOT NULL, 
	funding_id INTEGER, 
	rhythm VARCHAR(10) NOT NULL, 
	next_on DATE NOT NULL, 
	next_first DATE NOT NULL, 
	next_last DATE NOT NULL, 
	asked_by_id INTEGER NOT NULL, 
	asked_at DATETIME NOT NULL, 
	ended_by_id INTEGER, 
	ended_at DATETIME, 
	CONSTRAINT pk_report_schedule PRIMARY KEY (id), 
	CONSTRAINT ck_report_schedule_dates CHECK (next_last >= next_first), 
	CONSTRAINT fk_report_schedule_asked_by_id FOREIGN KEY(asked_by_id) REFERENCES person (id), 
	CONSTRAINT fk_report_schedule_ended_by_id FOREIGN KEY(ended_by_id) REFERENCES person (id), 
	CONSTRAINT fk_report_schedule_funder_id FOREIGN KEY(funder_id) REFERENCES funder (id), 
	CONSTRAINT fk_report_schedule_funding_id FOREIGN KEY(funding_id) REFERENCES funding (id), 
	CONSTRAINT fk_report_schedule_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_report_schedule_funder_id ON report_schedule (funder_id);
CREATE INDEX ix_report_schedule_funding_id ON report_schedule (funding_id);
CREATE INDEX ix_report_schedule_next_on ON report_schedule (next_on);
CREATE INDEX ix_report_schedule_school_id ON report_schedule (school_id);
CREATE TABLE report_due (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	schedule_id INTEGER, 
	listed VARCHAR(20) NOT NULL, 
	funder_id INTEGER NOT NULL, 
	funding_id INTEGER, 
	first DATE NOT NULL, 
	last DATE NOT NULL, 
	asked_by_id INTEGER, 
	asked_at DATETIME NOT NULL, 
	prepared_at DATETIME, 
	content JSON NOT NULL, 
	anomalies JSON NOT NULL, 
	seen VARCHAR(64) NOT NULL, 
	decision VARCHAR(10) NOT NULL, 
	reason VARCHAR(300) NOT NULL, 
	decided_by_id INTEGER, 
	decided_at DATETIME, 
	document_id INTEGER, 
	CONSTRAINT pk_report_due PRIMARY KEY (id), 
	CONSTRAINT ck_report_due_dates CHECK (last >= first), 
	CONSTRAINT fk_report_due_asked_by_id FOREIGN KEY(asked_by_id) REFERENCES person (id), 
	CONSTRAINT fk_report_due_decided_by_id FOREIGN KEY(decided_by_id) REFERENCES person (id), 
	CONSTRAINT fk_report_due_document_id FOREIGN KEY(document_id) REFERENCES document (id), 
	CONSTRAINT fk_report_due_funder_id FOREIGN KEY(funder_id) REFERENCES funder (id), 
	CONSTRAINT fk_report_due_funding_id FOREIGN KEY(funding_id) REFERENCES funding (id), 
	CONSTRAINT fk_report_due_schedule_id FOREIGN KEY(schedule_id) REFERENCES report_schedule (id), 
	CONSTRAINT fk_report_due_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_report_due_document_id ON report_due (document_id);
CREATE INDEX ix_report_due_funder_id ON report_due (funder_id);
CREATE INDEX ix_report_due_funding_id ON report_due (funding_id);
CREATE INDEX ix_report_due_schedule_id ON report_due (schedule_id);
CREATE INDEX ix_report_due_school_id_decided_at ON report_due (school_id, decided_at);
CREATE TABLE house_rules (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	by_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_house_rules PRIMARY KEY (id), 
	CONSTRAINT fk_house_rules_by_id FOREIGN KEY(by_id) REFERENCES person (id), 
	CONSTRAINT fk_house_rules_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT uq_house_rules_school_id_version UNIQUE (school_id, version)
);
CREATE TABLE satisfaction_survey (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	title VARCHAR(120) NOT NULL, 
	opens_on DATE NOT NULL, 
	closes_on DATE NOT NULL, 
	by_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_satisfaction_survey PRIMARY KEY (id), 
	CONSTRAINT fk_satisfaction_survey_by_id FOREIGN KEY(by_id) REFERENCES person (id), 
	CONSTRAINT fk_satisfaction_survey_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_satisfaction_survey_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_satisfaction_survey_cohort_id ON satisfaction_survey (cohort_id);
CREATE INDEX ix_satisfaction_survey_school_id ON satisfaction_survey (school_id);
CREATE TABLE house_rules_receipt (
	id INTEGER NOT NULL, 
	rules_id INTEGER NOT NULL, 
	enrolment_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_house_rules_receipt PRIMARY KEY (id), 
	CONSTRAINT fk_house_rules_receipt_enrolment_id FOREIGN KEY(enrolment_id) REFERENCES enrolment (id), 
	CONSTRAINT fk_house_rules_receipt_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_house_rules_receipt_rules_id FOREIGN KEY(rules_id) REFERENCES house_rules (id), 
	CONSTRAINT uq_house_rules_receipt_rules_id_enrolment_id UNIQUE (rules_id, enrolment_id)
);
CREATE INDEX ix_house_rules_receipt_enrolment_id ON house_rules_receipt (enrolment_id);
CREATE INDEX ix_house_rules_receipt_person_id ON house_rules_receipt (person_id);
CREATE TABLE register_record (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	number INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	first_id INTEGER, 
	enrolment_id INTEGER, 
	person_id INTEGER, 
	"on" DATE NOT NULL, 
	due_on DATE, 
	owner_id INTEGER, 
	origin_id INTEGER, 
	facts JSON NOT NULL, 
	search TEXT NOT NULL, 
	secret_hash VARCHAR(64) NOT NULL, 
	reason VARCHAR(300) NOT NULL, 
	by_id INTEGER, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_register_record PRIMARY KEY (id), 
	CONSTRAINT fk_register_record_by_id FOREIGN KEY(by_id) REFERENCES person (id), 
	CONSTRAINT fk_register_record_enrolment_id FOREIGN KEY(enrolment_id) REFERENCES enrolment (id), 
	CONSTRAINT fk_register_record_first_id FOREIGN KEY(first_id) REFERENCES register_record (id), 
	CONSTRAINT fk_register_record_origin_id FOREIGN KEY(origin_id) REFERENCES register_record (id), 
	CONSTRAINT fk_register_record_owner_id FOREIGN KEY(owner_id) REFERENCES person (id), 
	CONSTRAINT fk_register_record_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_register_record_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT uq_register_record_school_id_kind_number_version UNIQUE (school_id, kind, number, version)
);
CREATE INDEX ix_register_record_enrolment_id ON register_record (enrolment_id);
CREATE INDEX ix_register_record_first_id ON register_record (first_id);
CREATE INDEX ix_register_record_origin_id ON register_record (origin_id);
CREATE INDEX ix_register_record_owner_id ON register_record (owner_id);
CREATE INDEX ix_register_record_person_id ON register_record (person_id);
CREATE INDEX ix_register_record_school_id_kind_on ON register_record (school_id, kind, "on");
CREATE INDEX ix_register_record_secret_hash ON register_record (secret_hash);
CREATE TABLE satisfaction_answer (
	id VARCHAR(32) NOT NULL, 
	survey_id INTEGER NOT NULL, 
	ratings JSON NOT NULL, 
	comment TEXT NOT NULL, 
	CONSTRAINT pk_satisfaction_answer PRIMARY KEY (id), 
	CONSTRAINT fk_satisfaction_answer_survey_id FOREIGN KEY(survey_id) REFERENCES satisfaction_survey (id)
);
CREATE INDEX ix_satisfaction_answer_survey_id ON satisfaction_answer (survey_id);
CREATE TABLE satisfaction_asked (
	id INTEGER NOT NULL, 
	survey_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	messages INTEGER NOT NULL, 
	has_answered BOOLEAN NOT NULL, 
	CONSTRAINT pk_satisfaction_asked PRIMARY KEY (id), 
	CONSTRAINT fk_satisfaction_asked_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_satisfaction_asked_survey_id FOREIGN KEY(survey_id) REFERENCES satisfaction_survey (id), 
	CONSTRAINT uq_satisfaction_asked_survey_id_person_id UNIQUE (survey_id, person_id)
);
CREATE INDEX ix_satisfaction_asked_person_id ON satisfaction_asked (person_id);
CREATE TABLE register_act (
	id INTEGER NOT NULL, 
	record_id INTEGER NOT NULL, 
	what VARCHAR(12) NOT NULL, 
	text TEXT NOT NULL, 
	"on" DATE NOT NULL, 
	by_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_register_act PRIMARY KEY (id), 
	CONSTRAINT fk_register_act_by_id FOREIGN KEY(by_id) REFERENCES person (id), 
	CONSTRAINT fk_register_act_record_id FOREIGN KEY(record_id) REFERENCES register_record (id)
);
CREATE INDEX ix_register_act_record_id ON register_act (record_id);
CREATE TRIGGER house_rules_no_update BEFORE UPDATE ON house_rules BEGIN SELECT RAISE(ABORT, 'rows of house_rules are never changed or removed'); END;
CREATE TRIGGER house_rules_no_delete BEFORE DELETE ON house_rules BEGIN SELECT RAISE(ABORT, 'rows of house_rules are never changed or removed'); END;
CREATE TRIGGER house_rules_receipt_no_update BEFORE UPDATE ON house_rules_receipt BEGIN SELECT RAISE(ABORT, 'rows of house_rules_receipt are never changed or removed'); END;
CREATE TRIGGER house_rules_receipt_no_delete BEFORE DELETE ON house_rules_receipt BEGIN SELECT RAISE(ABORT, 'rows of house_rules_receipt are never changed or removed'); END;
CREATE TRIGGER register_record_no_delete BEFORE DELETE ON register_record BEGIN SELECT RAISE(ABORT, 'rows of register_record are never changed or removed'); END;
CREATE TRIGGER satisfaction_answer_no_update BEFORE UPDATE ON satisfaction_answer BEGIN SELECT RAISE(ABORT, 'rows of satisfaction_answer are never changed or removed'); END;
CREATE TRIGGER satisfaction_answer_no_delete BEFORE DELETE ON satisfaction_answer BEGIN SELECT RAISE(ABORT, 'rows of satisfaction_answer are never changed or removed'); END;
CREATE TRIGGER register_act_no_delete BEFORE DELETE ON register_act BEGIN SELECT RAISE(ABORT, 'rows of register_act are never changed or removed'); END;
CREATE TABLE proposal (
	id INTEGER NOT NULL, 
	kind VARCHAR(24) NOT NULL, 
	school_id INTEGER, 
	cohort_id INTEGER, 
	person_id INTEGER, 
	subject_id INTEGER, 
	facts JSON NOT NULL, 
	by_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_proposal PRIMARY KEY (id), 
	CONSTRAINT fk_proposal_by_id FOREIGN KEY(by_id) REFERENCES person (id), 
	CONSTRAINT fk_proposal_cohort_id FOREIGN KEY(cohort_id) REFERENCES cohort (id), 
	CONSTRAINT fk_proposal_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_proposal_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_proposal_by_id ON proposal (by_id);
CREATE INDEX ix_proposal_cohort_id ON proposal (cohort_id);
CREATE INDEX ix_proposal_person_id ON proposal (person_id);
CREATE INDEX ix_proposal_school_id_at ON proposal (school_id, at);
CREATE INDEX ix_proposal_kind_subject_id ON proposal (kind, subject_id);
CREATE TABLE proposal_answer (
	proposal_id INTEGER NOT NULL, 
	is_accepted BOOLEAN NOT NULL, 
	by_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_proposal_answer PRIMARY KEY (proposal_id), 
	CONSTRAINT fk_proposal_answer_by_id FOREIGN KEY(by_id) REFERENCES person (id), 
	CONSTRAINT fk_proposal_answer_proposal_id FOREIGN KEY(proposal_id) REFERENCES proposal (id)
);
CREATE INDEX ix_proposal_answer_by_id ON proposal_answer (by_id);
CREATE TABLE proposal_content (
	id INTEGER NOT NULL, 
	proposal_id INTEGER NOT NULL, 
	is_answer BOOLEAN NOT NULL, 
	content JSON NOT NULL, 
	CONSTRAINT pk_proposal_content PRIMARY KEY (id), 
	CONSTRAINT fk_proposal_content_proposal_id FOREIGN KEY(proposal_id) REFERENCES proposal (id), 
	CONSTRAINT uq_proposal_content_proposal_id_is_answer UNIQUE (proposal_id, is_answer)
);
CREATE TRIGGER proposal_no_update BEFORE UPDATE ON proposal BEGIN SELECT RAISE(ABORT, 'rows of proposal are never changed or removed'); END;
CREATE TRIGGER proposal_no_delete BEFORE DELETE ON proposal BEGIN SELECT RAISE(ABORT, 'rows of proposal are never changed or removed'); END;
CREATE TRIGGER proposal_answer_no_update BEFORE UPDATE ON proposal_answer BEGIN SELECT RAISE(ABORT, 'rows of proposal_answer are never changed or removed'); END;
CREATE TRIGGER proposal_answer_no_delete BEFORE DELETE ON proposal_answer BEGIN SELECT RAISE(ABORT, 'rows of proposal_answer are never changed or removed'); END;
CREATE TRIGGER proposal_content_no_update BEFORE UPDATE ON proposal_content BEGIN SELECT RAISE(ABORT, 'rows of proposal_content are never changed or removed'); END;
CREATE TABLE identity_provider (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	name VARCHAR(60) NOT NULL, 
	issuer VARCHAR(500) NOT NULL, 
	client_id VARCHAR(300) NOT NULL, 
	secret TEXT NOT NULL, 
	domains JSON NOT NULL, 
	proves_twice BOOLEAN NOT NULL, 
	changed_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	CONSTRAINT pk_identity_provider PRIMARY KEY (id), 
	CONSTRAINT fk_identity_provider_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT uq_identity_provider_school_id UNIQUE (school_id)
);
CREATE TABLE provider_link (
	id INTEGER NOT NULL, 
	provider_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	subject_hash VARCHAR(64) NOT NULL, 
	made_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	CONSTRAINT pk_provider_link PRIMARY KEY (id), 
	CONSTRAINT fk_provider_link_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_provider_link_provider_id FOREIGN KEY(provider_id) REFERENCES identity_provider (id)
);
CREATE INDEX ix_provider_link_person_id ON provider_link (person_id);
CREATE INDEX ix_provider_link_subject_hash ON provider_link (subject_hash);
CREATE INDEX ix_audit_entry_at ON audit_entry (at);
CREATE INDEX ix_enrolment_follows_id ON enrolment (follows_id);
CREATE INDEX ix_help_request_person_id ON help_request (person_id);
CREATE INDEX ix_help_turn_person_id ON help_turn (person_id);
CREATE INDEX ix_team_member_person_id ON team_member (person_id);
CREATE TABLE retention_removal (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	kept VARCHAR(12) NOT NULL, 
	rule VARCHAR(60) NOT NULL, 
	rows INTEGER NOT NULL, 
	files INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_retention_removal PRIMARY KEY (id), 
	CONSTRAINT fk_retention_removal_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT uq_retention_removal_person_id_kept UNIQUE (person_id, kept)
);
CREATE INDEX ix_retention_removal_at ON retention_removal (at);
CREATE TABLE retention_run (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	milliseconds INTEGER NOT NULL, 
	counts JSON NOT NULL, 
	CONSTRAINT pk_retention_run PRIMARY KEY (id)
);
CREATE INDEX ix_retention_run_at ON retention_run (at);
CREATE TRIGGER retention_removal_no_update BEFORE UPDATE ON retention_removal BEGIN SELECT RAISE(ABORT, 'rows of retention_removal are never changed or removed'); END;
CREATE TRIGGER retention_removal_no_delete BEFORE DELETE ON retention_removal BEGIN SELECT RAISE(ABORT, 'rows of retention_removal are never changed or removed'); END;
CREATE TRIGGER retention_run_no_update BEFORE UPDATE ON retention_run BEGIN SELECT RAISE(ABORT, 'rows of retention_run are never changed or removed'); END;
CREATE TRIGGER retention_run_no_delete BEFORE DELETE ON retention_run BEGIN SELECT RAISE(ABORT, 'rows of retention_run are never changed or removed'); END;
CREATE TRIGGER submission_no_update BEFORE UPDATE ON submission WHEN (NOT (NEW."id" IS OLD."id" AND NEW."school_id" IS OLD."school_id" AND NEW."cohort_id" IS OLD."cohort_id" AND NEW."assignment_id" IS OLD."assignment_id" AND NEW."deliverable_id" IS OLD."deliverable_id" AND NEW."revision_id" IS OLD."revision_id" AND NEW."submitted_by_id" IS OLD."submitted_by_id" AND NEW."team_name" IS OLD."team_name" AND NEW."version" IS OLD."version" AND NEW."submitted_at" IS OLD."submitted_at" AND NEW."timing" IS OLD."timing" AND NEW."repository_commit" IS OLD."repository_commit" AND NEW."receipt" IS OLD."receipt" AND NEW."key" IS OLD."key" AND (NEW."text" IS OLD."text" OR NEW."text" = '') AND (NEW."link" IS OLD."link" OR NEW."link" = '') AND (NEW."repository" IS OLD."repository" OR NEW."repository" = '') AND (NEW."note" IS OLD."note" OR NEW."note" = ''))) BEGIN SELECT RAISE(ABORT, 'rows of submission are never changed or removed'); END;
CREATE TRIGGER submission_file_no_update BEFORE UPDATE ON submission_file WHEN (NOT (NEW."id" IS OLD."id" AND NEW."submission_id" IS OLD."submission_id" AND NEW."position" IS OLD."position" AND NEW."hash" IS OLD."hash" AND NEW."size" IS OLD."size" AND NEW."media_type" IS OLD."media_type" AND (NEW."name" IS OLD."name" OR NEW."name" = ''))) BEGIN SELECT RAISE(ABORT, 'rows of submission_file are never changed or removed'); END;
CREATE TABLE contact_note (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	words TEXT NOT NULL, 
	by_id INTEGER NOT NULL, 
	written_at DATETIME NOT NULL, 
	CONSTRAINT pk_contact_note PRIMARY KEY (id), 
	CONSTRAINT fk_contact_note_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_contact_note_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT fk_contact_note_by_id FOREIGN KEY(by_id) REFERENCES person (id)
);
CREATE INDEX ix_contact_note_person_id_school_id ON contact_note (person_id, school_id);
CREATE TABLE barrier (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	school_id INTEGER, 
	what TEXT NOT NULL, 
	"where" TEXT NOT NULL, 
	reported_at DATETIME NOT NULL, 
	answer TEXT NOT NULL, 
	answered_by_id INTEGER, 
	answered_at DATETIME, 
	CONSTRAINT pk_barrier PRIMARY KEY (id), 
	CONSTRAINT fk_barrier_person_id FOREIGN KEY(person_id) REFERENCES person (id), 
	CONSTRAINT fk_barrier_school_id FOREIGN KEY(school_id) REFERENCES school (id), 
	CONSTRAINT fk_barrier_answered_by_id FOREIGN KEY(answered_by_id) REFERENCES person (id)
);
CREATE INDEX ix_barrier_person_id ON barrier (person_id);
CREATE INDEX ix_barrier_school_id_answered_at ON barrier (school_id, answered_at);
CREATE TRIGGER review_answer_no_update BEFORE UPDATE ON review_answer WHEN (NOT (NEW."id" IS OLD."id" AND NEW."review_id" IS OLD."review_id" AND NEW."position" IS OLD."position" AND NEW."criterion" IS OLD."criterion" AND NEW."text" IS OLD."text" AND NEW."mark" IS OLD."mark" AND NEW."word" IS OLD."word" AND NEW."good_place" IS OLD."good_place" AND NEW."good_line" IS OLD."good_line" AND NEW."idea_place" IS OLD."idea_place" AND NEW."idea_line" IS OLD."idea_line" AND (NEW."good" IS OLD."good" OR NEW."good" = '') AND (NEW."good_quote" IS OLD."good_quote" OR NEW."good_quote" = '') AND (NEW."idea" IS OLD."idea" OR NEW."idea" = '') AND (NEW."idea_quote" IS OLD."idea_quote" OR NEW."idea_quote" = ''))) BEGIN SELECT RAISE(ABORT, 'rows of review_answer are never changed or removed'); END;
CREATE TRIGGER round_event_no_update BEFORE UPDATE ON round_event WHEN (NOT (NEW."id" IS OLD."id" AND NEW."round_id" IS OLD."round_id" AND NEW."work_id" IS OLD."work_id" AND NEW."reviewer_id" IS OLD."reviewer_id" AND NEW."what" IS OLD."what" AND NEW."cause" IS OLD."cause" AND NEW."by_id" IS OLD."by_id" AND NEW."at" IS OLD."at" AND (NEW."words" IS OLD."words" OR NEW."words" = ''))) BEGIN SELECT RAISE(ABORT, 'rows of round_event are never changed or removed'); END;
CREATE TRIGGER review_reaction_no_update BEFORE UPDATE ON review_reaction WHEN (NOT (NEW."id" IS OLD."id" AND NEW."review_id" IS OLD."review_id" AND NEW."person_id" IS OLD."person_id" AND NEW."helps" IS OLD."helps" AND NEW."thanks" IS OLD."thanks" AND NEW."reacted_at" IS OLD."reacted_at" AND (NEW."reason" IS OLD."reason" OR NEW."reason" = '') AND (NEW."change" IS OLD."change" OR NEW."change" = ''))) BEGIN SELECT RAISE(ABORT, 'rows of review_reaction are never changed or removed'); END;
CREATE TRIGGER register_record_no_update BEFORE UPDATE ON register_record WHEN (NOT (NEW."id" IS OLD."id" AND NEW."school_id" IS OLD."school_id" AND NEW."kind" IS OLD."kind" AND NEW."number" IS OLD."number" AND NEW."version" IS OLD."version" AND NEW."first_id" IS OLD."first_id" AND NEW."enrolment_id" IS OLD."enrolment_id" AND NEW."person_id" IS OLD."person_id" AND NEW."on" IS OLD."on" AND NEW."due_on" IS OLD."due_on" AND NEW."owner_id" IS OLD."owner_id" AND NEW."origin_id" IS OLD."origin_id" AND NEW."secret_hash" IS OLD."secret_hash" AND NEW."by_id" IS OLD."by_id" AND NEW."at" IS OLD."at" AND (NEW."search" IS OLD."search" OR NEW."search" = '') AND (NEW."reason" IS OLD."reason" OR NEW."reason" = '') AND (NEW."facts" IS OLD."facts" OR NEW."facts" = '{}'))) BEGIN SELECT RAISE(ABORT, 'rows of register_record are never changed or removed'); END;
CREATE TRIGGER register_act_no_update BEFORE UPDATE ON register_act WHEN (NOT (NEW."id" IS OLD."id" AND NEW."record_id" IS OLD."record_id" AND NEW."what" IS OLD."what" AND NEW."on" IS OLD."on" AND NEW."by_id" IS OLD."by_id" AND NEW."at" IS OLD."at" AND (NEW."text" IS OLD."text" OR NEW."text" = ''))) BEGIN SELECT RAISE(ABORT, 'rows of register_act are never changed or removed'); END;
CREATE TRIGGER door_question_no_update BEFORE UPDATE ON door_question WHEN (NOT (NEW."id" IS OLD."id" AND NEW."door_id" IS OLD."door_id" AND NEW."school_id" IS OLD."school_id" AND NEW."enrolment_id" IS OLD."enrolment_id" AND NEW."document_id" IS OLD."document_id" AND NEW."asked_at" IS OLD."asked_at" AND (NEW."text" IS OLD."text" OR NEW."text" = ''))) BEGIN SELECT RAISE(ABORT, 'rows of door_question are never changed or removed'); END;
CREATE TRIGGER door_answer_no_update BEFORE UPDATE ON door_answer WHEN (NOT (NEW."id" IS OLD."id" AND NEW."question_id" IS OLD."question_id" AND NEW."by_id" IS OLD."by_id" AND NEW."at" IS OLD."at" AND (NEW."text" IS OLD."text" OR NEW."text" = ''))) BEGIN SELECT RAISE(ABORT, 'rows of door_answer are never changed or removed'); END;
CREATE TABLE outside_survey (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	audience VARCHAR(12) NOT NULL, 
	title VARCHAR(120) NOT NULL, 
	opens_on DATE NOT NULL, 
	closes_on DATE NOT NULL, 
	by_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_outside_survey PRIMARY KEY (id), 
	CONSTRAINT fk_outside_survey_by_id FOREIGN KEY(by_id) REFERENCES person (id), 
	CONSTRAINT fk_outside_survey_school_id FOREIGN KEY(school_id) REFERENCES school (id)
);
CREATE INDEX ix_outside_survey_school_id ON outside_survey (school_id);
CREATE TABLE outside_asked (
	id INTEGER NOT NULL, 
	survey_id INTEGER NOT NULL, 
	organisation VARCHAR(160) NOT NULL, 
	mail VARCHAR(254), 
	messages INTEGER NOT NULL, 
	answered_at DATETIME, 
	CONSTRAINT pk_outside_asked PRIMARY KEY (id), 
	CONSTRAINT fk_outside_asked_survey_id FOREIGN KEY(survey_id) REFERENCES outside_survey (id), 
	CONSTRAINT uq_outside_asked_survey_id_mail UNIQUE (survey_id, mail)
);
CREATE TABLE outside_answer (
	asked_id INTEGER NOT NULL, 
	ratings JSON NOT NULL, 
	comment TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_outside_answer PRIMARY KEY (asked_id), 
	CONSTRAINT fk_outside_answer_asked_id FOREIGN KEY(asked_id) REFERENCES outside_asked (id)
);
CREATE TRIGGER outside_answer_no_update BEFORE UPDATE ON outside_answer BEGIN SELECT RAISE(ABORT, 'rows of outside_answer are never changed or removed'); END;
CREATE TRIGGER outside_answer_no_delete BEFORE DELETE ON outside_answer BEGIN SELECT RAISE(ABORT, 'rows of outside_answer are never changed or removed'); END;
CREATE INDEX ix_person_last_name_first_name_id ON person (last_name, first_name, id);
CREATE INDEX ix_document_kind ON document (kind);
CREATE TABLE audit_head (
	chain INTEGER NOT NULL, 
	sequence INTEGER NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_audit_head PRIMARY KEY (chain)
);
CREATE TABLE archived_part (
	id INTEGER NOT NULL, 
	part_of VARCHAR(20) NOT NULL, 
	low BIGINT NOT NULL, 
	high BIGINT NOT NULL, 
	lines INTEGER NOT NULL, 
	first_at DATETIME NOT NULL, 
	last_at DATETIME NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	size BIGINT NOT NULL, 
	made_at DATETIME NOT NULL, 
	away_at DATETIME, 
	CONSTRAINT pk_archived_part PRIMARY KEY (id), 
	CONSTRAINT uq_archived_part_part_of_low_hash UNIQUE (part_of, low, hash)
);
CREATE TRIGGER audit_link_follows AFTER INSERT ON audit_link BEGIN INSERT INTO audit_head (chain, sequence, hash) VALUES (NEW.chain, NEW.sequence, NEW.hash) ON CONFLICT (chain) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash WHERE excluded.sequence > audit_head.sequence; END;
CREATE TABLE figure_change (
	id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	"on" DATE NOT NULL, 
	CONSTRAINT pk_figure_change PRIMARY KEY (id)
);
CREATE INDEX ix_figure_change_on ON figure_change ("on");
CREATE TABLE kept_figure (
	id INTEGER NOT NULL, 
	what VARCHAR(500) NOT NULL, 
	"on" DATE NOT NULL, 
	school_id INTEGER NOT NULL, 
	content JSON NOT NULL, 
	CONSTRAINT pk_kept_figure PRIMARY KEY (id), 
	CONSTRAINT uq_kept_figure_what_on_school_id UNIQUE (what, "on", school_id)
);
CREATE INDEX ix_kept_figure_on ON kept_figure ("on");
CREATE INDEX ix_kept_figure_school_id ON kept_figure (school_id);
CREATE TRIGGER school_counted_insert AFTER INSERT ON school BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER school_counted_update AFTER UPDATE ON school BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER school_counted_delete AFTER DELETE ON school BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT OLD.id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER cohort_counted_insert AFTER INSERT ON cohort BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER cohort_counted_update AFTER UPDATE ON cohort BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER cohort_counted_delete AFTER DELETE ON cohort BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER enrolment_counted_insert AFTER INSERT ON enrolment BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER enrolment_counted_update AFTER UPDATE ON enrolment BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER enrolment_counted_delete AFTER DELETE ON enrolment BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER company_period_counted_insert AFTER INSERT ON company_period BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER company_period_counted_update AFTER UPDATE ON company_period BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER company_period_counted_delete AFTER DELETE ON company_period BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER half_day_counted_insert AFTER INSERT ON half_day BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, NEW."on" FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER half_day_counted_update AFTER UPDATE ON half_day BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, NEW."on" FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER half_day_counted_delete AFTER DELETE ON half_day BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, OLD."on" FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER half_day_counted_leave AFTER UPDATE ON half_day BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, OLD."on" FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER presence_day_counted_insert AFTER INSERT ON presence_day BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, NEW."on" FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER presence_day_counted_update AFTER UPDATE ON presence_day BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, NEW."on" FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER presence_day_counted_delete AFTER DELETE ON presence_day BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, OLD."on" FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER company_week_counted_insert AFTER INSERT ON company_week BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER company_week_counted_update AFTER UPDATE ON company_week BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER company_week_counted_delete AFTER DELETE ON company_week BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER excuse_counted_insert AFTER INSERT ON excuse BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER excuse_counted_update AFTER UPDATE ON excuse BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER excuse_counted_delete AFTER DELETE ON excuse BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER presence_dispute_counted_insert AFTER INSERT ON presence_dispute BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER presence_dispute_counted_update AFTER UPDATE ON presence_dispute BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER presence_dispute_counted_delete AFTER DELETE ON presence_dispute BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER sheet_counted_insert AFTER INSERT ON sheet BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER sheet_counted_update AFTER UPDATE ON sheet BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER sheet_counted_delete AFTER DELETE ON sheet BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER funder_counted_insert AFTER INSERT ON funder BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT id FROM school) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER funder_counted_update AFTER UPDATE ON funder BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT id FROM school) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER funder_counted_delete AFTER DELETE ON funder BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT id FROM school) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER funding_counted_insert AFTER INSERT ON funding BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER funding_counted_update AFTER UPDATE ON funding BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER funding_counted_delete AFTER DELETE ON funding BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER enrolment_funding_counted_insert AFTER INSERT ON enrolment_funding BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER enrolment_funding_counted_update AFTER UPDATE ON enrolment_funding BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER enrolment_funding_counted_delete AFTER DELETE ON enrolment_funding BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER questionnaire_counted_insert AFTER INSERT ON questionnaire BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER questionnaire_counted_update AFTER UPDATE ON questionnaire BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER questionnaire_counted_delete AFTER DELETE ON questionnaire BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER questionnaire_answer_counted_insert AFTER INSERT ON questionnaire_answer BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT q.school_id AS id FROM questionnaire q WHERE q.id = NEW.questionnaire_id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER questionnaire_answer_counted_update AFTER UPDATE ON questionnaire_answer BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT q.school_id AS id FROM questionnaire q WHERE q.id = NEW.questionnaire_id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER questionnaire_answer_counted_delete AFTER DELETE ON questionnaire_answer BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT q.school_id AS id FROM questionnaire q WHERE q.id = OLD.questionnaire_id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER document_counted_insert AFTER INSERT ON document BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL AND NEW.kind = 'certificate'; END;
CREATE TRIGGER document_counted_update AFTER UPDATE ON document BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL AND NEW.kind = 'certificate'; END;
CREATE TRIGGER document_counted_delete AFTER DELETE ON document BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL AND OLD.kind = 'certificate'; END;
CREATE TRIGGER document_counted_leave AFTER UPDATE ON document BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL AND OLD.kind = 'certificate'; END;
CREATE TRIGGER document_act_counted_insert AFTER INSERT ON document_act BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT d.school_id AS id FROM document d WHERE d.id = NEW.document_id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER document_act_counted_update AFTER UPDATE ON document_act BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT d.school_id AS id FROM document d WHERE d.id = NEW.document_id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER document_act_counted_delete AFTER DELETE ON document_act BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT d.school_id AS id FROM document d WHERE d.id = OLD.document_id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER completion_rule_counted_insert AFTER INSERT ON completion_rule BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER completion_rule_counted_update AFTER UPDATE ON completion_rule BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER completion_rule_counted_delete AFTER DELETE ON completion_rule BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER assignment_counted_insert AFTER INSERT ON assignment BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER assignment_counted_update AFTER UPDATE ON assignment BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER assignment_counted_delete AFTER DELETE ON assignment BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER deliverable_counted_insert AFTER INSERT ON deliverable BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER deliverable_counted_update AFTER UPDATE ON deliverable BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER deliverable_counted_delete AFTER DELETE ON deliverable BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER submission_owner_counted_insert AFTER INSERT ON submission_owner BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT e.school_id AS id FROM enrolment e WHERE e.person_id = NEW.person_id) AS s WHERE s.id IS NOT NULL AND EXISTS (SELECT 1 FROM submission_state t WHERE t.submission_id = NEW.submission_id AND t.feedback_id IS NOT NULL); END;
CREATE TRIGGER submission_owner_counted_update AFTER UPDATE ON submission_owner BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT e.school_id AS id FROM enrolment e WHERE e.person_id = NEW.person_id) AS s WHERE s.id IS NOT NULL AND EXISTS (SELECT 1 FROM submission_state t WHERE t.submission_id = NEW.submission_id AND t.feedback_id IS NOT NULL); END;
CREATE TRIGGER submission_owner_counted_delete AFTER DELETE ON submission_owner BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT e.school_id AS id FROM enrolment e WHERE e.person_id = OLD.person_id) AS s WHERE s.id IS NOT NULL AND EXISTS (SELECT 1 FROM submission_state t WHERE t.submission_id = OLD.submission_id AND t.feedback_id IS NOT NULL); END;
CREATE TRIGGER submission_owner_counted_leave AFTER UPDATE ON submission_owner BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT e.school_id AS id FROM enrolment e WHERE e.person_id = OLD.person_id) AS s WHERE s.id IS NOT NULL AND EXISTS (SELECT 1 FROM submission_state t WHERE t.submission_id = OLD.submission_id AND t.feedback_id IS NOT NULL); END;
CREATE TRIGGER submission_state_counted_insert AFTER INSERT ON submission_state BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT e.school_id AS id FROM submission_owner o JOIN enrolment e ON e.person_id = o.person_id WHERE o.submission_id = NEW.submission_id) AS s WHERE s.id IS NOT NULL AND NEW.feedback_id IS NOT NULL; END;
CREATE TRIGGER submission_state_counted_update AFTER UPDATE ON submission_state BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT e.school_id AS id FROM submission_owner o JOIN enrolment e ON e.person_id = o.person_id WHERE o.submission_id = NEW.submission_id) AS s WHERE s.id IS NOT NULL AND NEW.feedback_id IS NOT NULL; END;
CREATE TRIGGER submission_state_counted_delete AFTER DELETE ON submission_state BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT e.school_id AS id FROM submission_owner o JOIN enrolment e ON e.person_id = o.person_id WHERE o.submission_id = OLD.submission_id) AS s WHERE s.id IS NOT NULL AND OLD.feedback_id IS NOT NULL; END;
CREATE TRIGGER submission_state_counted_leave AFTER UPDATE ON submission_state BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT e.school_id AS id FROM submission_owner o JOIN enrolment e ON e.person_id = o.person_id WHERE o.submission_id = OLD.submission_id) AS s WHERE s.id IS NOT NULL AND OLD.feedback_id IS NOT NULL; END;
CREATE TRIGGER award_counted_insert AFTER INSERT ON award BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT e.school_id AS id FROM enrolment e WHERE e.person_id = NEW.person_id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER award_counted_update AFTER UPDATE ON award BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT e.school_id AS id FROM enrolment e WHERE e.person_id = NEW.person_id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER award_counted_delete AFTER DELETE ON award BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT e.school_id AS id FROM enrolment e WHERE e.person_id = OLD.person_id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER register_record_counted_insert AFTER INSERT ON register_record BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL AND NEW.kind = 'positioning'; END;
CREATE TRIGGER register_record_counted_update AFTER UPDATE ON register_record BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL AND NEW.kind = 'positioning'; END;
CREATE TRIGGER register_record_counted_delete AFTER DELETE ON register_record BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL AND OLD.kind = 'positioning'; END;
CREATE TRIGGER register_record_counted_leave AFTER UPDATE ON register_record BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL AND OLD.kind = 'positioning'; END;
CREATE TRIGGER house_rules_counted_insert AFTER INSERT ON house_rules BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER house_rules_counted_update AFTER UPDATE ON house_rules BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER house_rules_counted_delete AFTER DELETE ON house_rules BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER house_rules_receipt_counted_insert AFTER INSERT ON house_rules_receipt BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT h.school_id AS id FROM house_rules h WHERE h.id = NEW.rules_id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER house_rules_receipt_counted_update AFTER UPDATE ON house_rules_receipt BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT h.school_id AS id FROM house_rules h WHERE h.id = NEW.rules_id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER house_rules_receipt_counted_delete AFTER DELETE ON house_rules_receipt BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT h.school_id AS id FROM house_rules h WHERE h.id = OLD.rules_id) AS s WHERE s.id IS NOT NULL; END;
CREATE TABLE attendance_chain (
	cohort_id INTEGER NOT NULL, 
	sequence INTEGER NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_attendance_chain PRIMARY KEY (cohort_id)
);
CREATE TABLE attendance_claim (
	"key" VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_attendance_claim PRIMARY KEY ("key")
);
CREATE TRIGGER attendance_entry_follows AFTER INSERT ON attendance_entry BEGIN INSERT INTO attendance_chain (cohort_id, sequence, hash) VALUES (NEW.cohort_id, NEW.sequence, NEW.hash) ON CONFLICT (cohort_id) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash WHERE excluded.sequence > attendance_chain.sequence; END;
CREATE TRIGGER attendance_entry_claims AFTER INSERT ON attendance_entry WHEN NEW.key IS NOT NULL BEGIN INSERT OR IGNORE INTO attendance_claim (key) VALUES (NEW.key); END;
CREATE TRIGGER half_day_trainer_counted_insert AFTER INSERT ON half_day_trainer BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, s."on" FROM (SELECT h.school_id AS id, h."on" FROM half_day h WHERE h.id = NEW.half_day_id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER half_day_trainer_counted_update AFTER UPDATE ON half_day_trainer BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, s."on" FROM (SELECT h.school_id AS id, h."on" FROM half_day h WHERE h.id = NEW.half_day_id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER half_day_trainer_counted_delete AFTER DELETE ON half_day_trainer BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, s."on" FROM (SELECT h.school_id AS id, h."on" FROM half_day h WHERE h.id = OLD.half_day_id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER training_action_counted_insert AFTER INSERT ON training_action BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER training_action_counted_update AFTER UPDATE ON training_action BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER training_action_counted_delete AFTER DELETE ON training_action BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER funding_setting_counted_insert AFTER INSERT ON funding_setting BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER funding_setting_counted_update AFTER UPDATE ON funding_setting BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT NEW.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TRIGGER funding_setting_counted_delete AFTER DELETE ON funding_setting BEGIN INSERT INTO figure_change (school_id, "on") SELECT DISTINCT s.id, '0001-01-01' FROM (SELECT OLD.school_id AS id) AS s WHERE s.id IS NOT NULL; END;
CREATE TABLE badge_key (
	kid VARCHAR(64) NOT NULL, 
	jwk JSON NOT NULL, 
	CONSTRAINT pk_badge_key PRIMARY KEY (kid)
);
INSERT INTO alembic_version VALUES ('0053');
