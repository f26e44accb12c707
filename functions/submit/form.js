// Sends a consultation form in the background. The page stays open and nothing typed is lost. Add it to a site with
//   <script src="https://API/form.js" defer></script>
// It handles each <form data-consultation-form method="post" action="https://API/consultations">, also one that is added
// later. A page can point out any other form, at any time, with one call:
//   document.dispatchEvent(new CustomEvent("consultation-form", { detail: form }));
// It sends what the browser would send, and only adds what the form lacks, such as an id for trying again.
// The API's answers say what to change. The script has its own words for everything else, such as a lost answer, in
// each of the clinic's languages. It speaks the language of the form's `lang` attribute, or of the page's.
// The script needs no other script, defines no globals and inserts all words as text, so it works under a strict CSP
// with the API's origin in script-src and connect-src. If it cannot run, the form still works as a plain form.
(() => {
  "use strict";

  // The API fills in these four lines when it serves the script. The words are in functions/shared/text/en/script.py.
  // If an answer has phone numbers, they are used instead of these.
  const HELP = /*HELP*/{"clinic_phone": "", "crisis_line": "988", "emergency_number": "911"}/*HELP*/;
  const SPOKEN = /*WORDS*/{}/*WORDS*/; // words by language, the clinic's first language first
  const ORIGINS = /*ORIGINS*/[]/*ORIGINS*/; // of the sites whose scripts can read the API's answers
  const YES = /*YES*/["yes"]/*YES*/;

  const FORMS = "form[data-consultation-form]";
  const CALL = "consultation-form"; // the event by which a page points out a form
  const TRIES = 3;
  const ANSWER_WITHIN = 25_000; // milliseconds, like all below
  const PAUSES = [1_000, 4_000]; // before the second and the third try, unless the API asks for another pause
  const PAUSE_IF_BUSY = 10_000; // after a 429 that does not say how long
  const PATIENCE = 20_000; // for all pauses together; after that, people think that nothing is happening
  const CAMPAIGN = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];
  const DRAFT_LIVES = 60 * 60 * 1000; // milliseconds
  const NO_ANSWERS = ["hidden", "submit", "button", "image", "reset"]; // types of controls that a visitor does not fill in
  const NOT_DRAFTED = ["password", "file"];
  const TRAPS = ["leave_empty", "homepage"]; // for bots

  // A field named "children" hides the form's own `children`, and an image named "body" hides the document's. Nothing
  // can hide what the prototype has, so the script reads forms and the document with these only.
  const prototypeOf = (node) => (node === document ? Document.prototype : HTMLFormElement.prototype);
  const get = (node, name) => Reflect.get(prototypeOf(node), name, node);
  const set = (node, name, value) => Reflect.set(prototypeOf(node), name, value, node);
  const call = (node, name, ...given) => Reflect.apply(get(node, name), node, given);

  // The console then has advice for the developer of the site: on their own machine, or if the script's tag says so.
  const DEVELOPING = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(location.hostname)
    || Boolean(get(document, "currentScript")?.hasAttribute("data-debug"));

  const make = (tag, attributes, ...children) => {
    const element = call(document, "createElement", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children.filter(Boolean)); // strings become text, never markup
    return element;
  };

  const newId = () => {
    if (crypto.randomUUID) return crypto.randomUUID(); // on https and localhost only
    const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
    return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  const attempt = (action) => { // for optional steps: storage may be blocked or full, widgets may break
    try { return action(); } catch { return null; }
  };

  // Replace each {name} in a sentence with a part: a text or an element.
  const fill = (sentence, parts) =>
    sentence.split(/\{(\w+)\}/).map((piece, index) => (index % 2 ? parts[piece] : piece));

  const isBox = (control) => control.type === "checkbox" || control.type === "radio";
  const asWords = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");
  const plainName = (name) => name.replace(/\[\d*\]$/, ""); // the API reads "symptoms[]" as "symptoms"
  const saysYes = (value) => YES.includes(value.normalize("NFC").trim().toLowerCase());
  const says = (pairs, name) => pairs.some(([each, value]) => each === name && value.trim());

  // The words of the script for one form are the first argument of what shows some.
  const helpLines = (WORDS, help) => {
    const link = (scheme, number, ...words) =>
      make("a", { href: `${scheme}:${number.replace(/[^\d+]/g, "")}` }, ...words);
    const [danger, line, clinic] = [help.emergency_number, help.crisis_line, help.clinic_phone];
    const callLine = link("tel", line, ...fill(WORDS.call, { crisis_line: line }));
    const textLine = link("sms", line, ...fill(WORDS.text, { crisis_line: line }));
    const lines = make("div", { class: "consultation-help" },
      make("p", {}, ...fill(WORDS.danger, { emergency_number: link("tel", danger, danger) })),
      make("p", {}, ...fill(WORDS.crisis, { call: callLine, text: textLine })));
    if (clinic) lines.append(make("p", {}, ...fill(WORDS.clinic, { clinic_phone: link("tel", clinic, clinic) })));
    return lines;
  };

  const crisisHelp = (WORDS, help, attributes, ...more) =>
    make("div", { class: "consultation-crisis", ...attributes },
      make("p", {}, make("strong", {}, WORDS.in_crisis)), helpLines(WORDS, help), ...more);

  // A visitor in crisis reads the numbers to call before anything else.
  const withHelp = (WORDS, urgent, help, parts) =>
    (urgent ? [crisisHelp(WORDS, help, {}), ...parts] : [...parts, helpLines(WORDS, help)]);

  const inWords = (WORDS, language, pause) => {
    const seconds = Math.ceil(pause / 1_000);
    const [words, number] = seconds < 100 ? [WORDS.seconds, seconds] : [WORDS.minutes, Math.ceil(seconds / 60)];
    return fill(words, { number: number.toLocaleString(language) }).join("");
  };

  const codeOf = (name) => name.toLowerCase().split(/[-_]/, 1)[0]; // "es-MX" is Spanish
  const langAround = (form) => {
    const around = call(form, "closest", "[lang]");
    return around ? call(around, "getAttribute", "lang") : "";
  };

  const spoken = (names) => names.map(codeOf).find((code) => Object.hasOwn(SPOKEN, code));
  // Return the language that a form is in: of its own `lang` attribute or the nearest around it, if that says any.
  const saidLanguageOf = (form) => spoken([langAround(form), get(document, "documentElement").lang]);
  // Return the language of the script's own words. The browser has a say only here: it cannot know the form's language.
  const languageOf = (form) =>
    saidLanguageOf(form) ?? spoken(navigator.languages ?? []) ?? Object.keys(SPOKEN)[0];

  // --- What is sent.

  // Safari before 16.4 leaves out the pressed button. Ask a form that is not on the page, so that no listener hears it.
  const knowsButtons = () => {
    const [form, button] = [make("form", {}), make("button", { name: "pressed" })];
    form.append(button);
    return [...new FormData(form, button)].length > 0;
  };

  const valuesOfButton = (button) => {
    if (!button || button.matches(":disabled")) return [];
    if (button.type !== "image") return button.name ? [[button.name, button.value]] : [];
    const dot = button.name ? `${button.name}.` : "";
    return [[`${dot}x`, "0"], [`${dot}y`, "0"]]; // the place of the click is not known here
  };

  // Return the pairs of name and value that the browser would send, and the names of fields with files.
  function entries(form, button) {
    const data = attempt(() => new FormData(form, button)) ?? new FormData(form); // the page may have moved the button
    const pairs = [];
    const files = new Set();
    for (const [name, value] of data) {
      if (typeof value !== "string" && (value.name || value.size)) files.add(name);
      pairs.push([name, typeof value === "string" ? value : value.name]); // an empty file field has an empty name
    }
    return { pairs: knowsButtons() ? pairs : [...pairs, ...valuesOfButton(button)], files };
  }

  // Forms are sent with the line ends of old typewriters.
  const lineEnds = (text) => text.replace(/\r\n?|\n/g, "\r\n");
  const encoded = (pairs) => new URLSearchParams(pairs.map((pair) => pair.map(lineEnds)));

  // Send once. Return the API's answer, or null if none arrived. Then we cannot know whether the request arrived.
  // A body and a header as plain forms have them need no second request that asks for permission (a CORS preflight).
  async function post(url, pairs) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), ANSWER_WITHIN);
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { Accept: "application/json" },
        credentials: "omit",
        body: encoded(pairs),
        signal: stop.signal,
      });
      const text = await response.text(); // throws if the answer breaks off
      return {
        status: response.status,
        pause: pauseIn(response.headers.get("Retry-After")),
        answer: attempt(() => JSON.parse(text)) ?? {},
      };
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  // Retry-After is a number of seconds or a date.
  const pauseIn = (header) => {
    if (/^\d+$/.test(header)) return Number(header) * 1_000;
    const until = Date.parse(header);
    return Number.isNaN(until) ? null : Math.max(until - Date.now(), 0);
  };

  // Retry if that may help. Each try has the same submission id, so the API stores one request at most.
  async function deliver(url, pairs, { onRetry, renewId }) {
    let patience = PATIENCE;
    let renewed = false;
    let unanswered = 0;
    let doubtful = false;
    for (let tries = 1; ; tries += 1) {
      let reply = await post(url, pairs);
      if (reply?.status === 409 && !renewed) {
        // The API stored an earlier try whose answer was lost. The visitor then changed the form, so this is a new
        // request.
        renewed = true;
        pairs = [...pairs.filter(([name]) => name !== "submission_id"), ["submission_id", renewId()]];
        reply = await post(url, pairs);
      }
      if (!reply) unanswered += 1;
      // There was no answer, or one without our words. We cannot know what happened to this try.
      doubtful ||= !reply || (!reply.answer.title && !(reply.status >= 400 && reply.status < 500));
      const passing = !reply || reply.status === 429 || reply.status >= 500;
      const pause = reply?.pause ?? (reply?.status === 429 ? PAUSE_IF_BUSY : PAUSES[tries - 1]);
      if (reply?.status === 410) doubtful = false; // whatever happened to earlier tries, the request is erased now
      if (!passing || tries === TRIES || pause > patience) {
        return { reply, passing, doubtful, answered: unanswered < tries };
      }
      patience -= pause;
      onRetry(tries + 1);
      await new Promise((done) => { setTimeout(done, pause); });
    }
  }

  // Return a form's part of the script: what to do when something happens to the form.
  function takeOver(form) {
    const root = call(form, "getRootNode");
    const index = [...call(document, "querySelectorAll", FORMS)].indexOf(form); // -1 in a shadow root
    const action = new URL(call(form, "getAttribute", "action") ?? "", get(form, "baseURI")).href;
    const readable = [...ORIGINS, new URL(action).origin].includes(window.origin);
    const draftKey = `consultation-draft ${location.pathname} ${action} ${index}`;
    const status = make("p", { class: "consultation-status", role: "status", "aria-live": "polite" });
    const undo = new Map(); // by field: how to remove its error
    const suggested = new Map(); // by field: the typed value that the API asked about
    let language = languageOf(form);
    let WORDS = SPOKEN[language];
    let id = newId();
    let erased = false; // the API erased this request, so the form's own id, if it has one, must not be sent again
    let renderedAt = Date.now();
    let box = null;
    let crisis = null; // the help beside the question, while the answer is yes
    let restored = null; // the notice of a restored draft
    let hadNoValidate = false;
    let inert = [];
    let leaving = null; // what to add while the browser sends the form
    let sending = false;
    let sent = false;

    // The page may change its language at any time.
    const speak = () => {
      language = languageOf(form);
      WORDS = SPOKEN[language];
    };
    // What the script adds says its language if the page is in another one.
    const inItsLanguage = () => (codeOf(langAround(form)) === language ? {} : { lang: language });

    const byId = (name) => (root === document ? call(document, "getElementById", name) : root.getElementById?.(name));
    const controls = () => [...get(form, "elements")].filter(
      (each) => each.matches("input, select, textarea") && each.name && !NO_ANSWERS.includes(each.type));
    const named = (field) => controls().filter((each) => plainName(each.name) === field);
    const change = (control) => control.dispatchEvent(new Event("change", { bubbles: true })); // for page scripts

    const ready = () => { // while it is empty: otherwise screen readers skip its first words
      if (readable && !call(form, "contains", status)) call(form, "append", status);
    };

    // --- The draft: it keeps what was typed through a reload or a crash, in this tab only.

    const draftable = () =>
      controls().filter((each) => !NOT_DRAFTED.includes(each.type) && !TRAPS.includes(each.name));

    const values = (control) => {
      if (isBox(control)) return control.checked ? [control.value] : [];
      return control.options ? [...control.selectedOptions].map((option) => option.value) : [control.value];
    };

    const untouched = (control) => {
      if (isBox(control)) {
        return named(plainName(control.name)).every((each) => each.checked === each.defaultChecked);
      }
      if (!control.options) return control.value === control.defaultValue;
      const options = [...control.options];
      const marked = options.filter((option) => option.defaultSelected);
      const first = control.multiple ? [] : options.filter((option) => !option.disabled).slice(0, 1);
      return options.every((option) => option.selected === (marked.length ? marked : first).includes(option));
    };

    function typed() {
      const fields = Object.create(null);
      for (const control of draftable()) (fields[control.name] ??= []).push(...values(control));
      return fields;
    }

    function keepDraft(fields = typed()) {
      if (sent) return;
      const draft = { submission_id: id, rendered_at: renderedAt, kept_at: Date.now(), fields };
      attempt(() => sessionStorage.setItem(draftKey, JSON.stringify(draft)));
    }

    const dropDraft = () => attempt(() => sessionStorage.removeItem(draftKey));

    function restoreDraft() {
      const draft = JSON.parse(sessionStorage.getItem(draftKey));
      if (!draft) return;
      if (!(Date.now() - draft.kept_at < DRAFT_LIVES)) { // the next person at a shared computer must not see it
        dropDraft();
        return;
      }
      // Keep the id: if the form was sent before the reload, this is the same request, not a second one.
      if (/^[\w-]{16,64}$/.test(draft.submission_id)) id = draft.submission_id;
      if (draft.rendered_at <= Date.now()) renderedAt = draft.rendered_at; // a person must not seem too fast
      // Find the untouched controls before restoring any: setting a radio button changes its group.
      const free = new Set(draftable().filter(untouched));
      for (const control of draftable()) {
        if (!Object.hasOwn(draft.fields, control.name)) continue;
        const given = draft.fields[control.name];
        const text = isBox(control) || control.options ? null : given.shift();
        if (!free.has(control)) continue;
        if (isBox(control)) control.checked = given.includes(control.value);
        else if (control.options) for (const option of control.options) option.selected = given.includes(option.value);
        else if (text !== undefined) control.value = text;
        if (untouched(control)) continue;
        change(control);
        restored ??= make("div", { class: "consultation-restored", role: "status", ...inItsLanguage() });
      }
      if (restored) showRestored();
    }

    function showRestored() {
      const clear = make("button", { type: "button", class: "consultation-clear" }, WORDS.clear_button);
      clear.addEventListener("click", () => {
        call(form, "reset");
        dropDraft();
        forgetRestored();
        clearProblems();
        id = newId(); // this may be another person
        renderedAt = Date.now();
        fillTimeZone();
        followCrisis();
        controls().find((each) => each.getClientRects().length)?.focus();
      });
      call(form, "prepend", restored);
      const words = [make("p", {}, WORDS.restored), clear];
      setTimeout(() => restored?.append(...words)); // screen readers say what is added to a part that is there
    }

    const forgetRestored = () => {
      restored?.remove();
      restored = null;
    };

    const timeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

    // Where people see it. A hidden field stays as it is: a saved page would have the zone of its builder.
    function fillTimeZone() {
      const zone = timeZone();
      for (const control of named("time_zone").filter((each) => !each.value)) {
        const offered = [...(control.options ?? [])].some((option) => option.value === zone);
        if (zone && (offered || control.type === "text")) control.value = zone;
      }
    }

    // --- What is sent besides the form's own fields: only what the form does not say itself.

    function additions(pairs) {
      const query = new URLSearchParams(location.search);
      const asked = suggested.get("email");
      const insists = pairs.some(([name, value]) => plainName(name) === "email" && value.trim() === asked);
      const known = [
        ["submission_id", id],
        ["rendered_at", String(renderedAt)],
        ["time_zone", attempt(timeZone)],
        ["lang", saidLanguageOf(form)],
        ["page", location.origin + location.pathname],
        ["referrer", get(document, "referrer").split(/[?#]/, 1)[0]], // without the query, which may be private
        ...CAMPAIGN.map((name) => [name, query.get(name)]),
        // The visitor read that the address looks mistyped, and did not change it.
        ["email_as_typed", insists && asked],
      ];
      return known.filter(([name, value]) => value && !says(pairs, name));
    }

    // --- What is shown.

    function clearProblems() {
      box?.remove();
      box = null;
      for (const takeAway of undo.values()) takeAway();
      undo.clear();
    }

    function showBox(parts, place) {
      const attributes = { class: "consultation-problem", role: "alert", tabindex: "-1", ...inItsLanguage() };
      box = make("div", attributes, ...parts);
      place(box);
      box.focus();
    }

    const beforeStatus = (element) => {
      ready();
      status.before(element);
    };

    // Return the element that holds all buttons of a group and nothing else. It has the group's name.
    function groupOf(members) {
      const [first] = members;
      if (!members.every(isBox) || (members.length === 1 && first.type === "checkbox")) return null;
      const group = first.closest(":is(fieldset, [role=radiogroup], [role=group]):not(form)");
      const others = controls().some((each) => group?.contains(each) && each.name !== first.name);
      return group && call(form, "contains", group) && !others ? group : null;
    }

    const wrapperOf = (field, control) => control.closest(`[data-field="${CSS.escape(field)}"]:not(form)`);

    function labelOf(field, members, group) {
      const labeled = group ?? (members.length === 1 ? members[0] : null); // without a group, each label names one choice
      const ids = labeled?.getAttribute("aria-labelledby")?.split(" ") ?? [];
      const source = byId(ids[0] ?? "") ?? labeled?.labels?.[0] ?? group?.querySelector("legend");
      const label = source ? source.cloneNode(true) : make("span", {});
      for (const extra of label.querySelectorAll("input, select, textarea, .hint, .optional, .error")) extra.remove();
      const text = label.textContent.replace(/\s+/g, " ").replace(/[\s:*.]+$/, "").trim();
      return text || labeled?.getAttribute("aria-label") || asWords(field);
    }

    const described = (element, revise) => {
      const ids = revise((element.getAttribute("aria-describedby") ?? "").split(/\s+/).filter(Boolean));
      if (ids.length) element.setAttribute("aria-describedby", ids.join(" "));
      else element.removeAttribute("aria-describedby");
    };

    // Put a message beside its field. Return a link to the field for the summary, or its name if it is not in the form.
    function showProblem(field, message, suggestion) {
      const members = named(field);
      if (!members.length) return make("span", {}, asWords(field));
      const [first] = members;
      const group = groupOf(members);
      let noteId = `${field}-error`;
      while (byId(noteId)) noteId += "-2"; // another form on the page has this field too
      const note = make("p", { class: "error", id: noteId, ...inItsLanguage() }, message);
      const offer = suggestion && suggestionButton(field, first, suggestion);
      // Below the label, legend or hint and above the control. Not in a label, or it would become part of it.
      const home = [group, wrapperOf(field, first)].find((each) => each && each !== first && !each.matches("label"));
      let spot = home ? first : first.closest("label") ?? first;
      while (home && spot.parentElement !== home) spot = spot.parentElement;
      spot.before(...[note, offer].filter(Boolean));
      const targets = group ? [group] : members;
      for (const target of targets) described(target, (ids) => [noteId, ...ids]);
      for (const control of members) control.setAttribute("aria-invalid", "true");
      undo.set(field, () => {
        note.remove();
        offer?.remove();
        for (const target of targets) described(target, (ids) => ids.filter((each) => each !== noteId));
        for (const control of members) control.removeAttribute("aria-invalid");
      });
      const folds = (element) => element && call(element, "closest", "details"); // the element may be the form
      for (let folded = folds(first); folded; folded = folds(folded.parentElement)) folded.open = true;
      first.id ||= `consultation-${index}-${field}`;
      const link = make("a", { href: `#${first.id}` }, labelOf(field, members, group));
      link.addEventListener("click", (event) => {
        event.preventDefault(); // keep the page's address
        (note.isConnected ? note : first).scrollIntoView({ block: "center" });
        (members.find((each) => each.checked) ?? first).focus({ preventScroll: true });
      });
      return link;
    }

    // "Did you mean sam@example.com?" One button takes it. A visitor who leaves the field as it is insists on it.
    function suggestionButton(field, control, suggestion) {
      suggested.set(field, control.value.trim());
      const button = make("button", { type: "button", class: "consultation-suggestion" },
        ...fill(WORDS.use_suggestion, { suggestion }));
      button.addEventListener("click", () => {
        Reflect.set(HTMLInputElement.prototype, "value", suggestion, control); // past a framework's own `value`
        control.dispatchEvent(new Event("input", { bubbles: true }));
        change(control);
        control.focus();
      });
      return button;
    }

    function showRejected(answer, urgent, help) {
      const list = make("ul", {});
      for (const { field, detail, suggestion } of answer.errors) {
        if (undo.has(field)) continue;
        const name = showProblem(field, detail, suggestion);
        list.append(make("li", {}, name, name.textContent.endsWith("?") ? ` ${detail}` : `: ${detail}`));
      }
      const parts = [make("h2", {}, answer.title), make("p", {}, answer.detail), list];
      showBox(withHelp(WORDS, urgent, help, parts), (element) => call(form, "prepend", element));
    }

    function showFailure({ reply, passing, doubtful, answered }, urgent, help, button) {
      // The last answer says nothing about earlier tries. API Gateway's own answers have each language.
      const { title, detail } = doubtful ? {} : { ...reply.answer, ...reply.answer[language] };
      const again = passing || doubtful;
      const next = again ? null : detail ?? WORDS.call_clinic; // one sentence says how long to wait
      const wait = passing && reply?.pause && inWords(WORDS, language, reply.pause);
      const soon = wait ? fill(WORDS.send_again_in, { wait }).join("") : WORDS.send_again;
      const parts = [
        make("h2", {}, title ?? (doubtful ? WORDS.maybe_not_sent : WORDS.not_sent)),
        next && make("p", {}, next),
        make("p", {}, again ? `${WORDS.nothing_lost} ${soon}` : WORDS.nothing_lost),
      ];
      if (!answered) {
        // Perhaps a firewall or a blocker stops only scripts. A plain form may still work.
        console.warn(fill(WORDS.no_answer, { url: action, origin: location.origin }).join(""));
        const plainly = make("button", { type: "button", class: "consultation-plainly" }, WORDS.other_way_button);
        plainly.addEventListener("click", () => sendPlainly(button));
        parts.push(make("p", {}, ...fill(WORDS.other_way, { button: plainly })));
      }
      showBox(withHelp(WORDS, urgent, help, parts), beforeStatus);
    }

    function showThanks(answer, urgent, help) {
      const parts = [make("h2", {}, WORDS.thanks)];
      if (typeof answer.reference === "string") {
        const reference = make("strong", { class: "reference" }, answer.reference);
        parts.push(make("p", {}, ...fill(WORDS.reference, { reference })));
      }
      const next = typeof answer.next === "string" ? answer.next : urgent ? WORDS.urgent_next : WORDS.next;
      parts.push(make("p", {}, next));
      if (typeof answer.check_email === "string") parts.push(make("p", {}, answer.check_email));
      const attributes = { class: "consultation-thanks", role: "status", tabindex: "-1", ...inItsLanguage() };
      const panel = make("div", attributes, ...withHelp(WORDS, urgent, help, parts));
      if (get(form, "isConnected")) call(form, "before", panel);
      else get(document, "body").prepend(panel); // the page replaced the form meanwhile
      set(form, "hidden", true);
      get(form, "style").setProperty("display", "none", "important"); // a site's "form { display: grid }" overrides `hidden`
      panel.focus();
      sent = true;
      // Leave nothing to send again, neither after a reload nor when Back restores this page from memory.
      attempt(() => call(form, "reset"));
      dropDraft();
      forgetRestored();
      followCrisis();
      id = newId();
      // Go to the clinic's own thank-you page, if it has one. The panel is there until then, and after Back.
      const page = typeof answer.thank_you_page === "string" && attempt(() => new URL(answer.thank_you_page));
      if (page && /^https?:$/.test(page.protocol) && !urgent) location.assign(page.href);
    }

    // For the site's developer: names of fields, never what somebody typed.
    const tell = (words, names, advice) => {
      if (!Array.isArray(names) || !names.length) return;
      console.info(fill(words, { names: names.join(", ") }).join(""));
      if (DEVELOPING && advice) console.info(advice);
    };

    function tellDeveloper({ also_sent: kept, not_kept: dropped, errors, for_developers: hint }) {
      const url = new URL("openapi.json", action).href;
      tell(WORDS.also_sent, kept, fill(WORDS.also_sent_advice, { url }).join(""));
      tell(WORDS.not_kept, dropped, WORDS.not_kept_advice);
      if (!DEVELOPING) return;
      const fields = Array.isArray(errors) ? errors.map(({ field }) => field) : [];
      tell(WORDS.not_in_form, fields.filter((field) => !named(field).length));
      if (typeof hint === "string") console.info(hint);
    }

    // --- Somebody in crisis reads at once where help is. No network is needed for that.

    const inCrisis = () => named("in_crisis").some(
      (control) => !control.matches(":disabled") && values(control).some(saysYes));

    function followCrisis() {
      const now = inCrisis();
      if (now && !crisis?.isConnected) {
        const restoring = crisis !== null; // the page replaced what was in the form
        const members = named("in_crisis");
        const last = members.at(-1);
        speak();
        crisis = crisisHelp(WORDS, HELP, { role: "alert", ...inItsLanguage() }, make("p", {}, WORDS.crisis_next));
        const home = groupOf(members) ?? wrapperOf("in_crisis", last);
        if (home && home !== last && !home.matches("label, tr, ul, ol")) home.append(crisis);
        else (last.closest("label") ?? last).after(crisis);
        if (restoring) return;
        // A field that is missing must not keep somebody in crisis from being heard. The API takes what it can use.
        hadNoValidate = get(form, "noValidate");
        set(form, "noValidate", true);
      } else if (!now && crisis) {
        crisis.remove();
        crisis = null;
        set(form, "noValidate", hadNoValidate);
      }
    }

    // Before the browser checks the form: a button that says "I am in crisis" sends it as it is.
    function press(button) {
      followCrisis();
      if (plainName(button.name) !== "in_crisis" || !saysYes(button.value) || button.formNoValidate) return;
      button.formNoValidate = true;
      setTimeout(() => { button.formNoValidate = false; });
    }

    // --- Sending.

    // The status line and the box stay active: screen readers skip inert elements.
    function freeze() {
      call(form, "setAttribute", "aria-busy", "true");
      inert = [...get(form, "children")].filter((child) => child !== status && child !== box && !child.inert);
      for (const child of inert) child.inert = true;
    }

    function thaw() {
      call(form, "removeAttribute", "aria-busy");
      for (const child of inert) child.inert = false;
      inert = [];
    }

    async function send(button) {
      clearProblems();
      ready();
      speak();
      const { pairs: all, files } = entries(form, button);
      const pairs = erased ? all.filter(([name]) => name !== "submission_id") : all;
      const urgent = inCrisis() || pairs.some(([name, value]) => plainName(name) === "in_crisis" && saysYes(value));
      if (files.size) {
        const errors = [...files].map((field) => ({ field, detail: WORDS.no_files_field }));
        showRejected({ title: WORDS.no_files, detail: WORDS.no_files_detail, errors }, urgent, HELP);
        return;
      }
      keepDraft();
      if (urgent) showBox(withHelp(WORDS, true, HELP, []), beforeStatus); // before the API answers
      status.textContent = WORDS.sending;
      freeze(); // because anything typed now would not be sent
      const outcome = await deliver(action, [...pairs, ...additions(pairs)], {
        onRetry: (number) => { status.textContent = fill(WORDS.retrying, { number, tries: TRIES }).join(""); },
        renewId: () => {
          id = newId();
          keepDraft();
          return id;
        },
      });
      status.textContent = "";
      thaw();
      clearProblems();
      const { status: code, answer = {} } = outcome.reply ?? {};
      const help = { ...HELP, ...answer.help };
      attempt(() => tellDeveloper(answer));
      if (code === 201) {
        // The API understands more ways to say yes. It has a message only for somebody in crisis.
        showThanks(answer, urgent || typeof answer.message === "string", help);
        return;
      }
      // A token works for one request. Keep it unless this one was refused: with another token, a request that was
      // stored after all would become a second one.
      if (code >= 400 && code < 500) attempt(() => window.turnstile?.reset(call(form, "querySelector", ".cf-turnstile")));
      if (code === 410) { // only the visitor decides to send it again, by pressing the button
        erased = true;
        id = /^[\w-]{16,64}$/.test(answer.new_submission_id) ? answer.new_submission_id : newId();
        keepDraft();
      }
      if (code === 422 && Array.isArray(answer.errors)) showRejected(answer, urgent, help);
      else showFailure(outcome, urgent, help, button);
    }

    // Let the browser send the form. It keeps its submission id, so it is still the same request if it was sent before.
    function letGo(more = []) {
      keepDraft({}); // we will not know whether it arrived: drop the words, keep the id for another try
      set(form, "method", "post"); // the address of a page must not hold what somebody typed
      leaving = more;
      setTimeout(() => { leaving = null; });
    }

    function sendPlainly(button) {
      clearProblems();
      status.remove();
      thaw();
      letGo(valuesOfButton(button)); // submit() knows of no pressed button
      call(form, "submit");
    }

    // Old versions of this script left these in a page that was saved after they ran. An id must not be used twice.
    if (call(form, "hasAttribute", "data-consultation-ready")) {
      call(form, "removeAttribute", "data-consultation-ready");
      for (const old of call(form, "querySelectorAll",
        '[type=hidden]:is([name=submission_id], [name=rendered_at]), .consultation-status')) old.remove();
    }
    // A frame in a sandbox may have no origin. Then its address still has one.
    const advice = window.origin === "null" ? WORDS.no_origin : WORDS.not_listed;
    if (!readable) console.warn(fill(advice, { origin: window.origin }).join(""));
    attempt(restoreDraft);
    attempt(fillTimeZone);
    // A site's policy may block the style that hides the trap. People must not fill it in.
    for (const trap of call(form, "querySelectorAll", ".trap")) trap.style.setProperty("display", "none");
    attempt(followCrisis);

    return {
      press,
      submit(event) {
        const button = event.submitter ?? null;
        // The button's own address or method is not for the API. The browser knows what to do.
        const address = button?.getAttribute("formaction");
        if (address && new URL(address, get(form, "baseURI")).href !== action) return;
        if (/^(get|dialog)$/i.test(button?.getAttribute("formmethod")) || get(form, "method") === "dialog") return;
        if (!readable) {
          letGo();
          return;
        }
        event.preventDefault();
        if (sending) return;
        sending = true;
        send(button).catch(() => { if (!sent) sendPlainly(button); }).finally(() => { sending = false; });
      },
      collect(data) { // the browser collects the form's values to send them, or a page's script for its own purposes
        if (!leaving) return;
        if (erased) data.delete("submission_id");
        const pairs = [...leaving, ...data].filter(([, value]) => typeof value === "string");
        for (const [name, value] of [...leaving, ...additions(pairs)]) data.append(name, value);
      },
      edit(control) {
        ready(); // not before: what moves while a button is pressed is not clicked
        const field = plainName(control.name);
        undo.get(field)?.();
        undo.delete(field);
        keepDraft();
        followCrisis();
      },
      choose() {
        keepDraft();
        followCrisis();
      },
      follow: followCrisis,
    };
  }

  // --- Which form an event is about. All listeners are outside the forms, so a form that is added later or replaced has
  // them too.

  const taken = new WeakMap(); // not an attribute: a saved page must not say that its form was taken over
  let found = false; // a form at any time, also one that is gone

  const partFor = (form) => {
    if (!taken.has(form)) {
      found = true;
      taken.set(form, null); // what happens to the form meanwhile is the script's doing
      taken.set(form, attempt(() => takeOver(form)));
    }
    return taken.get(form);
  };

  const isOurs = (form) => form instanceof HTMLFormElement && (taken.has(form) || call(form, "matches", FORMS));

  // Call `tell` with the part for the form of the control that an event is about, and with the control.
  const aboutControl = (tell) => (event) => {
    const control = event.composedPath().find(
      (each) => each instanceof Element && !(each instanceof HTMLFormElement) && each.form instanceof HTMLFormElement);
    if (!control || !isOurs(control.form)) return;
    const part = partFor(control.form);
    watch(call(control.form, "getRootNode"));
    if (part) attempt(() => tell(part, control));
  };

  function submitted(event) {
    // An event that a script made up sends nothing in a plain form either.
    if (event.defaultPrevented || !event.isTrusted || !isOurs(event.target)) return;
    partFor(event.target)?.submit(event);
  }

  const off = new AbortController();
  const listen = (target, type, handle, options) =>
    target.addEventListener(type, handle, { signal: off.signal, ...options });
  const watched = new WeakSet();

  // Listen to what does not leave the document or the shadow root that a form is in.
  function watch(root) {
    if (watched.has(root)) return;
    watched.add(root);
    const place = root === document ? window : root;
    listen(place, "submit", () => { // move to the end: all handlers of the page may stop the form before us
      place.removeEventListener("submit", submitted);
      listen(place, "submit", submitted);
    }, { capture: true });
    listen(place, "formdata", (event) => { taken.get(event.target)?.collect(event.formData); });
    listen(place, "reset", (event) => { setTimeout(() => taken.get(event.target)?.follow()); });
    listen(place, "change", aboutControl((part) => part.choose()));
  }

  const forms = () => [...call(document, "querySelectorAll", FORMS)];
  const findForms = () => forms().forEach(partFor);

  // `place` is a form, or what has forms in it: an element, a shadow root, the document.
  function pointedOut(place) {
    if (place === document || place === window) findForms();
    else for (const form of place instanceof HTMLFormElement ? [place] : place.querySelectorAll(FORMS)) {
      partFor(form);
      watch(call(form, "getRootNode"));
    }
  }

  // Capture the event, so that it need not bubble. It may come before the page is read.
  let waiting = []; // places that were pointed out before the start; null after it
  listen(window, CALL, (event) => {
    const place = event.detail ?? event.composedPath()[0];
    if (waiting) waiting.push(place);
    else attempt(() => pointedOut(place));
  }, { capture: true });

  function tellOfNoForm() {
    const WORDS = SPOKEN[languageOf(get(document, "documentElement"))];
    console.info(WORDS.no_form);
  }

  function start() {
    const here = Symbol.for("consultation-form"); // a second copy of the script on the page does nothing
    if (document[here]) {
      off.abort();
      for (const place of waiting) call(document, "dispatchEvent", new CustomEvent(CALL, { detail: place }));
      return;
    }
    if (![window.fetch, window.FormData, window.AbortController, window.crypto?.getRandomValues].every(Boolean)) return;
    // These events leave a shadow root. Capture them, because the page may stop them.
    const early = { capture: true };
    listen(window, "input", aboutControl((part, control) => part.edit(control)), early);
    listen(window, "click", aboutControl((part, control) => {
      if (/^(submit|image)$/.test(control.type)) part.press(control);
    }), early);
    listen(window, "pageshow", () => {
      forms().forEach((form) => partFor(form)?.follow()); // the browser ticks boxes late
      if (DEVELOPING && !found) tellOfNoForm();
    });
    watch(document);
    const finding = { childList: true, subtree: true, attributeFilter: ["data-consultation-form"] };
    new MutationObserver(findForms).observe(document, finding);
    findForms();
    for (const place of waiting) attempt(() => pointedOut(place));
    waiting = null;
    document[here] = true;
  }

  const begin = () => {
    try { start(); } catch { off.abort(); }
  };
  if (get(document, "readyState") === "loading") call(document, "addEventListener", "DOMContentLoaded", begin);
  else begin();
})();
