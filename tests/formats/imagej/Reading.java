import ij.ImagePlus;
import ij.gui.Roi;
import ij.io.Opener;
import ij.io.RoiDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * What ImageJ finds in files: {@code Reading LIST OUT}. For each line of LIST, {@code image PATH} or
 * {@code outlines PATH HEIGHT WIDTH} with tabs between, a line of OUT.
 */
public final class Reading {
    private Reading() {}

    public static void main(String[] arguments) throws Exception {
        Path list = Paths.get(arguments[0]);
        Path out = Paths.get(arguments[1]);
        try (PrintWriter lines = new PrintWriter(Files.newBufferedWriter(out, StandardCharsets.UTF_8))) {
            for (String line : Files.readAllLines(list, StandardCharsets.UTF_8)) {
                String[] words = line.split("\t");
                String path = words[1];
                if (words[0].equals("outlines")) {
                    List<Roi> rois = outlines(Paths.get(path));
                    lines.println(Account.of(path, rois, Integer.parseInt(words[2]), Integer.parseInt(words[3])));
                } else {
                    ImagePlus image = new Opener().openImage(path);
                    String unread = ",\"format\":\"\",\"error\":\"ImageJ does not open it\"}";
                    lines.println(image == null ? "{\"file\":" + Account.quoted(path) + unread : Account.of(path, "", "", image));
                }
            }
        }
    }

    private static List<Roi> outlines(Path path) throws IOException {
        List<Roi> rois = new ArrayList<>();
        if (path.toString().endsWith(".roi")) {
            rois.add(RoiDecoder.openFromByteArray(Files.readAllBytes(path)));
            rois.get(0).setName(nameOf(rois.get(0), path.getFileName().toString()));
            return rois;
        }
        try (ZipFile zip = new ZipFile(path.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                try (InputStream in = zip.getInputStream(entry)) {
                    Roi roi = new RoiDecoder(in.readAllBytes(), entry.getName()).getRoi();
                    roi.setName(nameOf(roi, entry.getName()));
                    rois.add(roi);
                }
            }
        }
        return rois;
    }

    private static String nameOf(Roi roi, String file) {
        String name = roi.getName() == null || roi.getName().isEmpty() ? file : roi.getName();
        return name.endsWith(".roi") ? name.substring(0, name.length() - 4) : name;
    }
}
