//! A plain PDF 1.4 of text: Helvetica on letter paper, as many pages as it takes.

use std::fmt::Write as _;

/// Characters on a line of 11 points.
const WIDTH: usize = 88;
/// Lines on a page.
const HEIGHT: usize = 52;

/// The text as PDF. Lines are wrapped; characters outside of Latin-1 lose their marks.
pub(super) fn write(text: &str) -> Vec<u8> {
    let lines: Vec<String> = text.lines().flat_map(wrap).collect();
    let pages: Vec<&[String]> = lines.chunks(HEIGHT).collect();
    // Objects: catalog, pages, font, then a page and its content for each page.
    let kids: String = (0..pages.len()).map(|n| format!("{} 0 R ", 4 + 2 * n)).collect();
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!("<< /Type /Pages /Kids [{}] /Count {} >>", kids.trim_end(), pages.len())
            .into_bytes(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
            .to_vec(),
    ];
    for (n, page) in pages.iter().enumerate() {
        objects.push(
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents {} 0 R >>",
                5 + 2 * n
            )
            .into_bytes(),
        );
        objects.push(content(page));
    }
    whole(&objects)
}

/// Header, objects, table of their offsets, trailer.
fn whole(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (n, object) in objects.iter().enumerate() {
        let _ = writeln!(table, "{:010} 00000 n ", out.len());
        out.extend(format!("{} 0 obj\n", n + 1).bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let start = out.len();
    out.extend(table.bytes());
    out.extend(
        format!(
            "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
            objects.len() + 1
        )
        .bytes(),
    );
    out
}

/// The content of a page: one text object, a line below the other.
fn content(lines: &[String]) -> Vec<u8> {
    let mut stream = b"BT /F1 11 Tf 54 738 Td 13 TL\n".to_vec();
    for line in lines {
        stream.push(b'(');
        for c in line.chars() {
            let byte = latin(c);
            if matches!(byte, b'(' | b')' | b'\\') {
                stream.push(b'\\');
            }
            stream.push(byte);
        }
        stream.extend(b") Tj T*\n");
    }
    stream.extend(b"ET");
    let mut object = format!("<< /Length {} >>\nstream\n", stream.len()).into_bytes();
    object.extend(stream);
    object.extend(b"\nendstream");
    object
}

/// The byte of a character in WinAnsi; letters that it lacks become their plain letter.
fn latin(c: char) -> u8 {
    match c {
        '’' => 0x92,
        'ạ' | 'ả' | 'ặ' | 'ầ' | 'ą' => b'a',
        'Đ' => b'D',
        'ễ' => b'e',
        'ọ' => b'o',
        'ủ' | 'ũ' | 'ữ' => b'u',
        'ư' | 'ứ' => b'u',
        'ỷ' => b'y',
        'ơ' => b'o',
        'Ł' => b'L',
        'ć' | 'č' => b'c',
        c => u8::try_from(u32::from(c)).unwrap_or(b'?'),
    }
}

fn wrap(line: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        let last = lines.last().map_or(0, |line| line.chars().count());
        if last > 0 && last + 1 + word.chars().count() > WIDTH {
            lines.push(word.to_owned());
        } else if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::write;

    #[test]
    fn offsets_point_at_their_objects() {
        let text: String = (0..130).map(|n| format!("Line {n} (of many) ễ\n")).collect();
        let pdf = write(&text);
        let shown = String::from_utf8_lossy(&pdf).into_owned();
        assert!(shown.contains("/Count 3"), "130 lines are three pages");
        let at = |needle: &[u8]| pdf.windows(needle.len()).position(|window| window == needle);
        let table = at(b"xref\n").expect("table");
        let rows = String::from_utf8_lossy(&pdf[table..]).into_owned();
        for (n, row) in rows.lines().skip(3).take(9).enumerate() {
            let offset: usize = row[..10].parse().expect("offset");
            assert!(pdf[offset..].starts_with(format!("{} 0 obj", n + 1).as_bytes()), "{row}");
        }
        assert!(shown.contains(&format!("startxref\n{table}\n")));
    }
}
