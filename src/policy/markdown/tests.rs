//! Tests of headings, slugs and what is no heading.

use proptest::prelude::*;

use super::{anchors, is_blank};

fn slugs(markdown: &str) -> Vec<String> {
    anchors(markdown).into_iter().map(|a| a.slug).collect()
}

fn one(heading: &str) -> String {
    slugs(&format!("# {heading}\n")).join(" ")
}

#[test]
fn slugs_follow_github() {
    for (heading, slug) in [
        ("Availability", "availability"),
        ("What now?", "what-now"),
        ("High CPU: step 2/3", "high-cpu-step-23"),
        ("A & B", "a--b"),
        ("snake_case and kebab-case", "snake_case-and-kebab-case"),
        ("Größe und Übersicht", "größe-und-übersicht"),
        ("中文 标题", "中文-标题"),
        ("Привет, мир!", "привет-мир"),
        ("`KubePodCrashLooping`", "kubepodcrashlooping"),
        ("`__init__.py` file", "__init__py-file"),
        ("__Strong__ and _soft_ and a_b", "strong-and-soft-and-a_b"),
        ("**Bold** *it* ***both***", "bold-it-both"),
        ("[Link](https://a.b/c_(d)) text", "link-text"),
        ("[Link][ref] and [short]", "link-and-short"),
        ("[![badge](x.png)](y) Title", "title"),
        ("![logo](a.png) Title", "title"),
        ("Title <a name=\"old\"></a>", "old title"),
        ("See <https://a.b/c>", "see-httpsabc"),
        ("a &amp; b &#39;c&#x27;", "a--b-c"),
        ("\\*not emphasis\\* \\_x\\_", "not-emphasis-_x_"),
        (":rocket: Launch", "rocket-launch"),
        ("🚀 Launch", "-launch"),
        ("1. Check `x | y`", "1-check-x--y"),
        ("C++ / C#", "c--c"),
        ("x² and ½", "x-and-"),
        ("Title {#custom}", "custom title-custom"),
        ("a  b", "a--b"),
        ("Ends with hashes ##", "ends-with-hashes"),
        ("C#", "c"),
    ] {
        assert_eq!(one(heading), slug, "{heading}");
    }
}

#[test]
fn headings_are_read_as_text() {
    let found = anchors("## The `api` is [down](x) ##\n");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].heading, "The api is down");
}

#[test]
fn repeats_are_numbered() {
    assert_eq!(slugs("# A\n## B\n# A\n### a\n"), ["a", "b", "a-1", "a-2"]);
}

#[test]
fn both_kinds_of_heading_count() {
    assert_eq!(
        slugs("#One\n# Two\n####### Seven\n   ### Three\n    # code\n#\n"),
        ["two", "three"]
    );
    assert_eq!(slugs("One\n===\n\nTwo\nlines\n---\n\n---\n\ntext\n***\n"), ["one", "two-lines"]);
    assert_eq!(slugs("# Tab\there #\r\nSet\r\n---\r\n"), ["tab----here", "set"]);
    assert_eq!(slugs("- item\n---\n| a | b |\n| --- | --- |\n"), Vec::<String>::new());
}

#[test]
fn code_comments_and_html_hold_no_headings() {
    let hidden = "\
```sh
# in a fence
~~~
```
~~~~ `x`
# in another
~~~
```
~~~~
<!-- # no
# comment
-->
<details>
# inside html

<pre>

# still inside
</pre>
`<a name=\"code\">`

    # indented
";
    assert_eq!(slugs(hidden), Vec::<String>::new());
    assert_eq!(slugs(&format!("{hidden}\n# After\n")), ["after"]);
    assert_eq!(slugs("```\n# never closed\n"), Vec::<String>::new());
    assert_eq!(slugs("<!-- one line --> \n# Yes\n"), ["yes"]);
}

#[test]
fn lists_and_quotes_may_hold_headings_and_fences() {
    assert_eq!(
        slugs("> ## Quoted\n- # Item\n\n10. step\n\n    ## Sub\n"),
        ["quoted", "item", "sub"]
    );
    let fenced =
        "1. Run this:\n\n   ```sh\n   # a comment\n   ```\n\n2. And this:\n\n    ```sh\n# out\n";
    assert_eq!(slugs(fenced), ["out"]);
    let nested = "- a\n  - b\n\n    ```sh\n    # comment\n    ```\n\n    # Deep\n\n# Top\n";
    assert_eq!(slugs(nested), ["deep", "top"]);
}

#[test]
fn anchors_set_by_hand_count() {
    let text = "<a name=\"one\"></a>\n\ntext <a id='two'> <span ID=three>\n\n<h2 align=\"center\" id=\"four\">Big\n  Title</h2>\n";
    assert_eq!(slugs(text), ["one", "two", "three", "four", "big-title"]);
    assert_eq!(
        slugs("<input name=\"no\">\n<a href=\"#x\">x</a>\n<!-- <a name=\"no\"> -->\n"),
        Vec::<String>::new()
    );
}

#[test]
fn front_matter_is_no_heading() {
    assert_eq!(slugs("\u{feff}---\ntitle: x\n---\n# A\n"), ["a"]);
    assert_eq!(slugs("---\n# A\n"), ["a"]);
}

#[test]
fn blank_is_what_says_nothing() {
    for blank in [
        "",
        " \n\t\n",
        "<!-- todo -->\n",
        "<!-- a --> <!-- b\n -->",
        "\u{feff}",
        "---\na: b\n---\n",
        "<!-- open",
    ] {
        assert!(is_blank(blank), "{blank:?}");
    }
    for text in ["# Title", "x", "<!-- a --> x", "<br>", "---"] {
        assert!(!is_blank(text), "{text:?}");
    }
}

#[test]
fn hostile_text_is_read_in_linear_time() {
    for bit in ["[", "_", "`", "<a ", "> ", "- ", "*", "![", "<!--", "\\", "&", "((", "__a", "<h1"]
    {
        let line = format!("# {}\n", bit.repeat(2_000));
        let _ = anchors(&line);
        let _ = anchors(&bit.repeat(2_000));
    }
}

proptest! {
    #[test]
    fn nothing_panics_and_slugs_are_clean(text in prop_oneof![
        any::<String>(),
        "([#>*_`~<&!\\[\\](){}=\\- \n]|[a-zé😀]|<a id=\"|</h1>|<h1>|<!--|-->){0,60}",
    ]) {
        for anchor in anchors(&text) {
            prop_assert!(!anchor.slug.is_empty());
        }
        let _ = is_blank(&text);
    }

    #[test]
    fn a_plain_heading_is_always_found(words in prop::collection::vec("[a-z]{1,8}", 1..5)) {
        prop_assert_eq!(one(&words.join(" ")), words.join("-"));
    }
}
