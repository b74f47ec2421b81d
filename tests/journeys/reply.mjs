// Answers an invitation with ical.js, a calendar library that shares no code with ours.
// The REQUEST comes on standard input; `node reply.mjs ADDRESS PARTSTAT` prints the REPLY of that attendee.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const ICAL = createRequire(new URL("../node/package.json", import.meta.url))("ical.js");
const [address, partstat] = process.argv.slice(2);
const request = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
const asked = request.getFirstSubcomponent("vevent");

const own = (line) => line.getFirstValue().toLowerCase() === `mailto:${address.toLowerCase()}`;
const me = asked.getAllProperties("attendee").find(own);
if (request.getFirstPropertyValue("method") !== "REQUEST" || me === undefined) {
  throw new Error(`${address} is not asked in this`);
}
me.setParameter("partstat", partstat);
me.removeParameter("rsvp");

const answer = new ICAL.Component("vevent");
for (const name of ["dtstart", "dtend", "organizer", "uid", "recurrence-id", "sequence", "summary"]) {
  asked.getAllProperties(name).forEach((line) => answer.addProperty(line));
}
answer.addProperty(me);
answer.addPropertyWithValue("dtstamp", ICAL.Time.fromJSDate(new Date(), true));

const reply = new ICAL.Component("vcalendar");
reply.addPropertyWithValue("prodid", "-//An independent calendar//EN");
reply.addPropertyWithValue("version", "2.0");
reply.addPropertyWithValue("method", "REPLY");
request.getAllSubcomponents("vtimezone").forEach((zone) => reply.addSubcomponent(zone));
reply.addSubcomponent(answer);
process.stdout.write(reply.toString() + "\r\n");
