//! Whether an XML answer is one whole document with the members that it must have.
//!
//! A scan, not a tree: answers of many megabytes pass through once. Names count without their prefix.

use crate::shape::{Kind, Need, Untrusted};

/// No answer of AWS nests so deep.
const DEEPEST: usize = 256;

/// The open elements, and what was found so far.
struct Scan<'a> {
    needs: &'static [Need],
    found: Vec<bool>,
    open: Vec<&'a str>,
    items: Vec<Item>,
}

/// An item of a list that is open.
struct Item {
    need: &'static Need,
    depth: usize,
    found: Vec<bool>,
}

/// Looks through `body` for the root element (any, if none is given) and for the members that `needs` names inside it.
pub(crate) fn check(body: &[u8], root: Option<&str>, needs: &'static [Need]) -> Result<(), Untrusted> {
    let text = std::str::from_utf8(body).map_err(|_| garbled("it is not UTF-8"))?;
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    if rest.is_empty() {
        return Err(garbled("its body is empty"));
    }
    let mut scan = Scan { needs, found: vec![false; needs.len()], open: Vec::new(), items: Vec::new() };
    let mut closed = false;
    while !rest.is_empty() {
        let Some(at) = rest.find('<') else {
            scan.text(rest)?;
            break;
        };
        let (before, markup) = rest.split_at(at);
        scan.text(before)?;
        rest = if let Some(after) = markup.strip_prefix("<!--") {
            past(after, "-->")?.1
        } else if let Some(after) = markup.strip_prefix("<?") {
            past(after, "?>")?.1
        } else if let Some(after) = markup.strip_prefix("<![CDATA[") {
            let (inside, after) = past(after, "]]>")?;
            scan.text(inside)?;
            after
        } else if markup.starts_with("<!") {
            return Err(garbled("it has a document type"));
        } else if let Some(after) = markup.strip_prefix("</") {
            let (name, after) = past(after, ">")?;
            closed = scan.close(local(name.trim_end()))?;
            after
        } else {
            let (tag, empty, after) = start_tag(markup.get(1..).unwrap_or_default())?;
            if closed {
                return Err(garbled("something follows its root element"));
            }
            scan.open(tag, root)?;
            if empty {
                closed = scan.close(tag)?;
            }
            after
        };
    }
    if !closed {
        return Err(garbled("its root element is not closed"));
    }
    match needs.iter().zip(&scan.found).find(|(_, found)| !**found) {
        Some((need, _)) => Err(Untrusted::Without(need.path.to_owned())),
        None => Ok(()),
    }
}

impl<'a> Scan<'a> {
    fn open(&mut self, name: &'a str, root: Option<&str>) -> Result<(), Untrusted> {
        if let Some(root) = root.filter(|root| self.open.is_empty() && *root != name) {
            return Err(Untrusted::Without(root.to_owned()));
        }
        if self.open.len() >= DEEPEST {
            return Err(garbled("it nests too deep"));
        }
        self.open.push(name);
        let path = self.open.get(1..).unwrap_or_default();
        for (need, found) in self.needs.iter().zip(&mut self.found) {
            *found |= need.kind != Kind::Text && stands_at(path, need.path);
            let parent = path.split_last().map_or(&[][..], |(_, parent)| parent);
            if !need.each.is_empty() && !path.is_empty() && stands_at(parent, need.path) {
                self.items.push(Item { need, depth: self.open.len(), found: vec![false; need.each.len()] });
            }
        }
        for item in &mut self.items {
            let path = self.open.get(item.depth..).unwrap_or_default();
            for (member, found) in item.need.each.iter().zip(&mut item.found) {
                *found |= stands_at(path, member);
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Untrusted> {
        if text.trim().is_empty() {
            return Ok(());
        }
        if self.open.is_empty() {
            return Err(garbled("it has text outside its root element"));
        }
        let path = self.open.get(1..).unwrap_or_default();
        for (need, found) in self.needs.iter().zip(&mut self.found) {
            *found |= need.kind == Kind::Text && stands_at(path, need.path);
        }
        Ok(())
    }

    /// Closes the innermost element; true if it was the root.
    fn close(&mut self, name: &str) -> Result<bool, Untrusted> {
        while let Some(item) = self.items.pop_if(|item| item.depth == self.open.len()) {
            if let Some((member, _)) = item.need.each.iter().zip(&item.found).find(|(_, found)| !**found) {
                return Err(Untrusted::Item(item.need.path.to_owned(), (*member).to_owned()));
            }
        }
        if self.open.pop() != Some(name) {
            return Err(garbled("its elements do not match"));
        }
        Ok(self.open.is_empty())
    }
}

/// Splits a start tag, given behind its `<`, from what follows: name, whether it closes itself, the rest.
fn start_tag(text: &str) -> Result<(&str, bool, &str), Untrusted> {
    let mut quote = None;
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(mark), letter) if mark == letter => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '<') => break,
            (None, '>') => {
                let tag = text.get(..at).unwrap_or_default();
                let empty = tag.ends_with('/');
                let name = tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
                if name.is_empty() {
                    break;
                }
                return Ok((local(name), empty, text.get(at + 1..).unwrap_or_default()));
            }
            (None, _) => {}
        }
    }
    Err(garbled("a tag is broken"))
}

/// What stands before `mark`, and what after it.
fn past<'a>(text: &'a str, mark: &str) -> Result<(&'a str, &'a str), Untrusted> {
    text.split_once(mark).ok_or_else(|| garbled("it breaks off"))
}

/// The name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn stands_at(path: &[&str], wanted: &str) -> bool {
    path.iter().copied().eq(wanted.split('/'))
}

fn garbled(why: &str) -> Untrusted {
    Untrusted::Garbled(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::shape::{Kind, Need};

    const NEEDS: &[Need] =
        &[Need::list("Result/vpcSet", &["vpcId", "tags/tag"]), Need::one("Result/Marker", Kind::Text)];

    fn said(body: &str) -> String {
        check(body.as_bytes(), Some("Answer"), NEEDS).map_or_else(|error| error.to_string(), |()| "good".to_owned())
    }

    #[test]
    fn a_whole_document_with_its_members() {
        for good in [
            "<Answer><Result><vpcSet/><Marker>x</Marker></Result></Answer>",
            "<?xml version='1.0'?>\n<!-- x --><a:Answer xmlns:a=\"http://x/>\"><Result><vpcSet></vpcSet>\
             <Marker><![CDATA[<]]></Marker></Result></a:Answer>\n",
            "<Answer><Result><vpcSet><item><vpcId>v</vpcId><tags><tag/></tags></item></vpcSet><Marker>&lt;</Marker>\
             </Result ></Answer>",
        ] {
            assert_eq!(said(good), "good", "{good}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(said("<Answer><Result><Marker>x</Marker></Result></Answer>"), "answer without `Result/vpcSet`");
        assert_eq!(said("<Answer><vpcSet/></Answer>"), "answer without `Result/vpcSet`");
        assert_eq!(
            said("<Answer><Result><vpcSet/><Marker> </Marker></Result></Answer>"),
            "answer without `Result/Marker`"
        );
        assert_eq!(said("<Other><Result/></Other>"), "answer without `Answer`");
        assert_eq!(
            said(
                "<Answer><Result><vpcSet><item><tags><tag/></tags></item></vpcSet><Marker>x</Marker></Result></Answer>"
            ),
            "answer with an item of `Result/vpcSet` that has no `vpcId`"
        );
        assert_eq!(
            said("<Answer><Result><vpcSet><item><vpcId/><tags/></item></vpcSet><Marker>x</Marker></Result></Answer>"),
            "answer with an item of `Result/vpcSet` that has no `tags/tag`"
        );
    }

    #[test]
    fn any_cut_is_noticed() {
        let whole = "<?xml version=\"1.0\"?><Answer a=\"b\"><Result><vpcSet><item><vpcId>v</vpcId><tags><tag/></tags></item>\
                     </vpcSet><Marker>x</Marker></Result></Answer>";
        assert_eq!(said(whole), "good");
        for at in 0..whole.len() {
            assert_ne!(said(&whole[..at]), "good", "{}", &whole[..at]);
        }
        for at in whole.find("<Answer").unwrap()..whole.len() {
            assert_ne!(said(&whole[at + 1..]), "good", "{}", &whole[at + 1..]);
        }
    }

    #[test]
    fn what_is_no_xml_answer() {
        for garbled in [
            "",
            " ",
            "{}",
            "x<Answer/>",
            "<Answer/>x",
            "<Answer/><Answer/>",
            "<Answer><a></Answer></a>",
            "<!DOCTYPE x><Answer/>",
            "<Answer <b>/>",
            "<>",
            "</Answer>",
        ] {
            assert!(said(garbled).starts_with("answer cut or garbled: "), "{garbled}: {}", said(garbled));
        }
        assert!(check(b"<Answer>\xff</Answer>", None, &[]).is_err());
        let deep = format!("<Answer>{}", "<a>".repeat(1_000_000));
        assert_eq!(said(&deep), "answer cut or garbled: it nests too deep");
    }
}
