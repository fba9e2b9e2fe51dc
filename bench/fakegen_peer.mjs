// SPDX-License-Identifier: MIT
// Movie records by @faker-js/faker. usage: node fakegen_peer.mjs COUNT
import { faker } from '@faker-js/faker';

const names = (n) => Array.from({ length: n }, () => faker.person.fullName());

const record = () => ({
  titleId: faker.string.uuid(), ordering: faker.number.int({ min: 0, max: 9999 }),
  title: faker.company.catchPhrase(), region: faker.location.countryCode(),
  language: faker.location.country(), types: names(5), attributes: names(5),
  isOriginalTitle: faker.datatype.boolean(), tconst: faker.color.rgb(),
  titleType: faker.internet.domainName(), primaryTitle: faker.company.catchPhrase(),
  originalTitle: `${faker.company.name()}:${faker.company.catchPhrase()}`,
  isAdult: faker.datatype.boolean(), startYear: faker.date.past().toISOString().slice(0, 10),
  endYear: faker.number.int({ min: 1970, max: 2029 }),
  runtimeMinutes: faker.number.int({ min: 0, max: 9999 }),
  genres: Array.from({ length: 5 }, () => faker.location.country()),
  directors: names(2), writers: names(15), actors: names(50),
});

const count = Number(process.argv[2]);
let bytes = 0;
for (let i = 0; i < count / 10; i += 1) record(); // warm-up: the compiler at run time
const begin = performance.now();
for (let i = 0; i < count; i += 1) bytes += Buffer.byteLength(JSON.stringify(record())) + 1;
const seconds = (performance.now() - begin) / 1000;
console.log(`${(count / seconds).toFixed(0)} ${(bytes / seconds * 1e-6).toFixed(2)}`);
